// The way in. Where callers are asked who they are, nothing is shown before somebody has
// signed in.

import { account } from './account.js';
import { howToSignIn } from './api.js';
import { Banner } from './banner.js';
import { copy, find, say } from './dom.js';
import { SignInError } from './oidc.js';
import { insist } from './patience.js';
import { Renewal } from './renewal.js';
import { canSignIn, comeBack, isBack, latest, leave, signOut } from './signin.js';

const NO_CLIENT = 'This server asks who calls, and this page has no way to find out: the operator has not set OIDC_CLIENT_ID.';
const NO_TLS = 'Nobody can sign in here: this page has come without TLS, and browsers then lack what it takes.';
const NO_STORE = 'Nobody can sign in here: this browser keeps nothing for this page.';

/**
 * Returns what signs the user out, or null where nobody is asked who he is. It returns only when the page may be shown.
 * isQuiet() tells whether nothing is lost if the page is left.
 */
export async function enter(app, isQuiet) {
  const card = new Card(app);
  const how = await insist(() => howToSignIn(), undefined, ({ name, reason }) => name === 'waiting' && card.tell(`${reason} Trying again…`))
    .catch((error) => card.stay(error.message));
  if (!how.required) return null;
  if (!how.client_id) return card.stay(NO_CLIENT);
  if (!isSecureContext) return card.stay(NO_TLS);
  if (!canSignIn()) return card.stay(NO_STORE);
  card.tell('Signing in…');
  const tokens = await signIn(how, card);
  account.take(tokens);
  new Renewal(how, tokens.refreshToken, new Banner(() => leave(how)), isQuiet);
  return () => signOut(how);
}

/** Returns the tokens of an answer that is here, or else leaves for one. */
async function signIn(how, card) {
  try {
    if (isBack()) return await comeBack(how);
    if (latest() === 'in') await leave(how);
    return await card.offer(latest() === 'out' ? 'You are signed out.' : '', '', () => leave(how));
  } catch (error) {
    if (!(error instanceof SignInError)) throw error;
    return card.offer('', error.message, () => leave(how));
  }
}

/** What is shown to somebody who is not in. */
class Card {
  #app;
  #element = copy('sign-in');

  constructor(app) {
    this.#app = app;
    this.#say('', '');
    find(this.#element, 'button').hidden = true;
  }

  /** Shows why it takes time. */
  tell(reason) {
    this.#show();
    this.#say(reason, '');
  }

  /** Shows why nobody gets in, for ever. */
  stay(problem) {
    this.#show();
    this.#say('', problem);
    return new Promise(() => {});
  }

  /** Offers the way to the identity server, for ever: the page goes with it. */
  offer(lead, problem, go) {
    const button = find(this.#element, 'button');
    button.hidden = false;
    button.addEventListener('click', go);
    this.#show();
    this.#say(lead || 'Sign in to see your chats.', problem);
    button.focus();
    return new Promise(() => {});
  }

  #show() {
    document.body.dataset.view = 'sign-in';
    this.#app.replaceChildren(this.#element);
  }

  #say(lead, problem) {
    say(find(this.#element, '.lead'), lead);
    say(find(this.#element, '.problem'), problem);
  }
}
