<?php
/**
 * `php wordpress.php PLUGIN`: a page as WordPress makes it with this plugin, from a description on the standard input:
 * {"scripts": {handle: gate}, "embeds": {host: gate}, "print": [[attributes, text or null] …], "embed": [[html, url] …]}.
 *
 * What stands here of WordPress is what the plugin calls, by WordPress' own rules: filters by priority, and script tags
 * through `wp_script_attributes` (a src) or `wp_inline_script_attributes`.
 */
error_reporting( E_ALL );
set_error_handler( function ( int $level, string $words ) { throw new ErrorException( $words ); } );
define( 'ABSPATH', __DIR__ );

$hooks = $shortcodes = array();
function add_filter( $name, $call, $priority = 10, $accepted = 1 ) {
	global $hooks;
	$hooks[ $name ][ $priority ][] = array( $call, $accepted );
	ksort( $hooks[ $name ] );
}
function apply_filters( $name, $value, ...$more ) {
	global $hooks;
	foreach ( $hooks[ $name ] ?? array() as $calls ) {
		foreach ( $calls as [ $call, $accepted ] ) {
			$value = $call( ...array_slice( array( $value, ...$more ), 0, $accepted ) );
		}
	}
	return $value;
}
function add_action( $name, $call, $priority = 10 ) { add_filter( $name, $call, $priority, 0 ); }
function add_shortcode( $tag, $call ) { global $shortcodes; $shortcodes[ $tag ] = $call; }
function is_admin() { return false; }
function wp_doing_ajax() { return false; }
function esc_attr( $text ) { return htmlspecialchars( $text, ENT_QUOTES ); }
function esc_html( $text ) { return htmlspecialchars( $text, ENT_QUOTES ); }
function plugin_basename( $file ) { return 'consent/consent.php'; }
function __return_true() { return true; }

function print_script( array $attributes, ?string $text ) {
	$name = $text === null ? 'wp_script_attributes' : 'wp_inline_script_attributes';
	echo '<script';
	foreach ( apply_filters( $name, $attributes, $text ) as $attribute => $value ) {
		echo is_bool( $value ) ? ( $value ? " $attribute" : '' ) : sprintf( ' %s="%s"', $attribute, esc_attr( $value ) );
	}
	echo ">$text</script>\n";
}

require $argv[1];
$page = json_decode( stream_get_contents( STDIN ), true, 512, JSON_THROW_ON_ERROR );
add_filter( 'consent_scripts', function () use ( $page ) { return $page['scripts']; } );
add_filter( 'consent_embeds', function () use ( $page ) { return $page['embeds']; } );
add_action( 'wp_head', function () use ( $page ) { foreach ( $page['print'] as $one ) { print_script( ...$one ); } } );
echo '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A blog</title>';
apply_filters( 'wp_head', null );
echo '</head><body>';
foreach ( $page['embed'] as [ $html, $url ] ) {
	echo apply_filters( 'embed_oembed_html', $html, $url, array(), 1 );
}
echo $shortcodes['consent_settings']( array(), 'Cookies & more' ), '</body></html>';
assert( apply_filters( 'wp_get_consent_type', false ) === 'optin' );
assert( apply_filters( 'wp_consent_api_registered_consent/consent.php', false ) === true );
