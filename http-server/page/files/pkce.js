// What keeps a sign-in to the tab that began it: the proof key for code exchange (PKCE, RFC 7636).

/** Returns a text that nobody can guess: 256 bits, as RFC 7636, section 4.1, recommends. */
export function secret() {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

/** Returns the challenge of a verifier (method S256). Browsers can only on pages that came over TLS or from the same machine. */
export async function challengeOf(verifier) {
  return base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))));
}

function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
