// The way to the identity server and back. What the way back needs is in sessionStorage:
// this tab's, until it comes back. No token is among it.

import { account } from './account.js';
import { HOME, SignInError, authorizationURL, endSessionURL, problemOf, redeem } from './oidc.js';
import { challengeOf, secret } from './pkce.js';

const PENDING = 'im.sign-in'; // {state, nonce, verifier, hash} of the sign-in that is under way
const SLOW = 5_000; // ms after which the page may leave again: the browser may not have gone
const LATEST = 'im.signed'; // in or out: what this tab has done last

/** What the identity server answers to a prompt of none when it has to ask (OpenID Connect Core 1.0, section 3.1.2.6). */
const HAS_TO_ASK = new Set(['login_required', 'interaction_required', 'consent_required', 'account_selection_required']);

let leaving = false;

/** Whether the browser keeps for this tab what the way back needs. */
export function canSignIn() {
  try {
    return sessionStorage.length >= 0;
  } catch {
    return false;
  }
}

/** What this tab has done last: in, out or ''. */
export function latest() {
  return sessionStorage.getItem(LATEST) ?? '';
}

/**
 * Leaves for the identity server. What is shown now is shown again after it; prompt is that of oidc.js. When the promise is
 * kept, the page has not gone.
 */
export async function leave(how, prompt = latest() === 'out' ? 'login' : '') {
  if (leaving) return;
  leaving = true;
  const pending = { state: secret(), nonce: secret(), verifier: secret(), hash: location.hash };
  sessionStorage.setItem(PENDING, JSON.stringify(pending));
  location.assign(authorizationURL(how, { ...pending, challenge: await challengeOf(pending.verifier), prompt }));
  await new Promise((resolve) => setTimeout(resolve, SLOW));
  leaving = false;
}

/** Whether the identity server has sent the browser here (RFC 6749, section 4.1.2). */
export function isBack() {
  const answer = new URLSearchParams(location.search);
  return answer.has('state') && (answer.has('code') || answer.has('error'));
}

/**
 * Takes the identity server's answer out of the address, shows what was shown before, and returns the tokens. Throws a
 * SignInError.
 */
export async function comeBack(how) {
  const answer = new URLSearchParams(location.search);
  const pending = JSON.parse(sessionStorage.getItem(PENDING) ?? '{}');
  sessionStorage.removeItem(PENDING);
  history.replaceState(null, '', HOME + (pending.hash ?? ''));
  const isOurs = pending.state === answer.get('state') && (answer.get('iss') ?? how.issuer) === how.issuer; // RFC 9207
  if (!isOurs) throw new SignInError('This answer of the identity server belongs to no sign-in that this tab has begun.');
  const error = answer.get('error');
  if (HAS_TO_ASK.has(error)) throw new SignInError('Your sign-in has ended.');
  if (error) throw new SignInError(problemOf(error, answer.get('error_description')));
  const tokens = await redeem(how, { ...pending, code: answer.get('code') });
  sessionStorage.setItem(LATEST, 'in');
  return tokens;
}

/** Signs out, here and, if there is a way, at the identity server. */
export function signOut(how) {
  account.forget();
  sessionStorage.setItem(LATEST, 'out');
  location.replace(endSessionURL(how) || HOME);
}
