<?php
/**
 * Plugin Name: Consent
 * Description: Asks visitors through the consent service, and holds back scripts and embeds until they may run.
 * Version: 0.1.0
 * Requires at least: 6.4
 * Requires PHP: 7.4
 * License: MIT
 *
 * Beside this file lies snippet.html: what `consent site snippet SITE` prints.
 *
 * Invariant: what is named for a purpose never leaves here in a form that runs by itself; an embed that cannot be read
 * is held back whole.
 */

defined( 'ABSPATH' ) || exit;

/** The snippet, before anything that other plugins put into the head. */
function consent_print_snippet() {
	readfile( __DIR__ . '/snippet.html' );
}
add_action( 'wp_head', 'consent_print_snippet', -100 );

/** A gate's attributes; `$gate` is a purpose, or a purpose and a service. */
function consent_gate( $gate ) {
	return array_combine( array_slice( array( 'data-purpose', 'data-service' ), 0, count( (array) $gate ) ), (array) $gate );
}

/** Holds back a registered script, and the inline scripts that belong to it, when its handle is in `consent_scripts`. */
function consent_hold_script( $attributes ) {
	$id      = isset( $attributes['id'] ) ? $attributes['id'] : '';
	$is_page = ! is_admin() || wp_doing_ajax(); // What a page fetches afterwards comes from the admin's address.
	if ( ! $is_page || ! preg_match( '/^(.+)-js(?:-(?:before|after|extra|translations|module))?$/', $id, $parts ) ) {
		return $attributes;
	}
	$gates = apply_filters( 'consent_scripts', array() );
	if ( ! isset( $gates[ $parts[1] ] ) ) {
		return $attributes;
	}
	$type = isset( $attributes['type'] ) ? $attributes['type'] : '';
	$held = array( 'type' => 'text/plain' ) + consent_gate( $gates[ $parts[1] ] );
	return $held + ( $type ? array( 'data-type' => $type ) : array() ) + $attributes;
}
add_filter( 'wp_script_attributes', 'consent_hold_script' );
add_filter( 'wp_inline_script_attributes', 'consent_hold_script' );

/** Holds back an embed whose address is at a host of `consent_embeds`: a frame gets a placeholder, all else waits unseen. */
function consent_hold_embed( $html, $url ) {
	$host = '.' . strtolower( (string) parse_url( $url, PHP_URL_HOST ) );
	foreach ( apply_filters( 'consent_embeds', array() ) as $named => $gate ) {
		if ( substr( $host, -strlen( $named ) - 1 ) !== ".$named" ) {
			continue;
		}
		$marks = '';
		foreach ( consent_gate( $gate ) as $name => $value ) {
			$marks .= " $name=\"" . esc_attr( $value ) . '"';
		}
		$frame = '/^(\s*<iframe\b(?:[^>"\']|"[^"]*"|\'[^\']*\')*?)\ssrc=(?=(?:[^>]*>)\s*<\/iframe>\s*$)/i';
		$held  = preg_replace( $frame, '$1' . $marks . ' data-src=', $html, 1, $count );
		return $count ? $held : "<template$marks>$html</template>";
	}
	return $html;
}
add_filter( 'embed_oembed_html', 'consent_hold_embed', 10, 2 );

/** `[consent_settings]Cookie settings[/consent_settings]`: a way back to the choice. */
function consent_settings( $attributes, $words = '' ) {
	return '<a href="#" data-consent-open>' . esc_html( $words ? $words : 'Cookie settings' ) . '</a>';
}
add_shortcode( 'consent_settings', 'consent_settings' );

/** To the WP Consent API: without a type it would take everything as allowed. */
function consent_type() {
	return 'optin';
}
add_filter( 'wp_get_consent_type', 'consent_type' );
add_filter( 'wp_consent_api_registered_' . plugin_basename( __FILE__ ), '__return_true' );
