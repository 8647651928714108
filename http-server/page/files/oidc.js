// The identity server: OAuth 2.0 (RFC 6749) and OpenID Connect Core 1.0. how is what
// /sign-in.json answers.

/** Where the identity server sends the browser back to: this page, without query and fragment. */
export const HOME = new URL('../', import.meta.url).href;

const PATIENCE = 15_000; // ms that the identity server may take

/** Why there is no token. transient: the same attempt may succeed later. */
export class SignInError extends Error {
  constructor(message, transient = false) {
    super(message);
    this.transient = transient;
  }
}

/** Returns the address at which a person signs in; prompt is '', none or login (OpenID Connect Core 1.0, section 3.1.2.1). */
export function authorizationURL(how, { state, nonce, challenge, prompt }) {
  return withQuery(how.authorization_endpoint, {
    response_type: 'code', client_id: how.client_id, redirect_uri: HOME, scope: how.scope,
    state, nonce, code_challenge: challenge, code_challenge_method: 'S256', ...(prompt && { prompt }),
  });
}

/** Returns the address at which a person signs out (OpenID Connect RP-Initiated Logout 1.0), or '' if there is none. */
export function endSessionURL(how) {
  if (!how.end_session_endpoint) return '';
  return withQuery(how.end_session_endpoint, { client_id: how.client_id, post_logout_redirect_uri: HOME });
}

/** Returns the tokens for a code. */
export async function redeem(how, { code, verifier, nonce }) {
  const answer = await ask(how, { grant_type: 'authorization_code', code, redirect_uri: HOME, code_verifier: verifier });
  if (answer.id_token && claimsOf(answer.id_token).nonce !== nonce) throw new SignInError('The identity server has answered another sign-in.');
  return tokensOf(how, answer);
}

/** Returns new tokens for a refresh token. */
export async function renew(how, refreshToken) {
  const answer = await ask(how, { grant_type: 'refresh_token', refresh_token: refreshToken });
  return tokensOf(how, { refresh_token: refreshToken, ...answer }); // the same goes on unless there is another
}

function withQuery(address, params) {
  const url = new URL(address);
  for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value);
  return url.href;
}

async function ask(how, params) {
  let response;
  let body;
  try {
    response = await fetch(how.token_endpoint, {
      method: 'POST', body: new URLSearchParams({ client_id: how.client_id, ...params }),
      cache: 'no-store', credentials: 'omit', signal: AbortSignal.timeout(PATIENCE),
    });
    body = await response.text();
  } catch {
    throw new SignInError('The identity server cannot be reached, or does not let this page ask it.', true);
  }
  const answer = parsed(body);
  if (response.ok && answer.access_token) return answer;
  throw new SignInError(problemOf(answer.error ?? `status ${response.status}`, answer.error_description), response.status >= 500 || response.status === 429);
}

/** Says what the identity server has said: an error of RFC 6749, sections 4.1.2.1 and 5.2. */
export function problemOf(error, description) {
  return `The identity server says: ${[error, description].filter(Boolean).join(': ').slice(0, 300)}`;
}

/**
 * Returns {me, token, life, refreshToken} of an answer. The token is the access token. If that is not a JWT, which the
 * service could read, it is the ID token. life is in ms.
 */
function tokensOf(how, answer) {
  const token = isJWT(answer.access_token) ? answer.access_token : answer.id_token ?? '';
  if (!isJWT(token)) throw new SignInError('The identity server gives no token that this service can read.');
  const claims = claimsOf(token);
  const me = claims[how.member_claim];
  if (typeof me !== 'string' || me.trim() === '') throw new SignInError(`The token says nothing of you under ${how.member_claim}.`);
  const life = claims.iat ? claims.exp - claims.iat : answer.expires_in ?? claims.exp - Date.now() / 1000; // this clock may be wrong
  return { me: me.trim(), token, life: life * 1000 || 0, refreshToken: answer.refresh_token ?? '' };
}

function isJWT(token) {
  return token?.split('.').length === 3;
}

function claimsOf(token) {
  try {
    const bytes = atob(token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/'));
    return parsed(new TextDecoder().decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0))));
  } catch {
    return {};
  }
}

function parsed(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}
