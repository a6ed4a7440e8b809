<?php
// Checks a consent receipt with the site's keys. PHP 8 alone, no package.
declare(strict_types=1);

const RECEIPT_MAX_AGE = 5 * 365 * 86400; // seconds: as long as the service itself accepts a receipt
const RECEIPT_CLOCK_SKEW = 300; // seconds by which the service's clock may be ahead of yours

/**
 * What the receipt says; throws when it is not one of this site's, or too old.
 * `$keys` are the lines that `consent token keys --site SITE` prints.
 */
function verify_receipt(string $receipt, array $keys): array
{
    // With an empty key, anybody could sign.
    if (!$keys || array_filter($keys, fn (string $key) => strlen($key) !== 64)) {
        throw new InvalidArgumentException('not the keys that `consent token keys` prints');
    }
    $parts = explode('.', $receipt);
    if (count($parts) !== 3) { // a fourth, in front, would mean compressed: the service never does that
        throw new UnexpectedValueException('not a receipt');
    }
    [$content, $date, $signature] = $parts;
    $isSigned = false;
    foreach ($keys as $key) {
        $derived = hash_hmac('sha256', 'consent.receipt', $key, true);
        $wanted = base64_encode(hash_hmac('sha256', "$content.$date", $derived, true));
        $isSigned = hash_equals(rtrim(strtr($wanted, '+/', '-_'), '='), $signature) || $isSigned;
    }
    if (!$isSigned) {
        throw new UnexpectedValueException('not a receipt of this site');
    }
    $age = time() - hexdec(bin2hex(base64_decode(strtr($date, '-_', '+/'))));
    if ($age < -RECEIPT_CLOCK_SKEW || $age > RECEIPT_MAX_AGE) {
        throw new UnexpectedValueException('too old, or dated in the future');
    }
    return json_decode(base64_decode(strtr($content, '-_', '+/')), true, 16, JSON_THROW_ON_ERROR);
}
