// Who has signed in, and the token that shows it to the service. Only this memory has the
// token: a reload forgets it.

import { Emitter } from './emitter.js';

/**
 * The account. Events:
 *   token  there is a new token
 *   ended  the service no longer takes the token; detail: why
 */
class Account extends Emitter {
  me = ''; // who has signed in, as the token has the name; '' where nobody is asked
  #token = '';
  #begin = 0; // of the token, in ms of the browser's clock, which may be wrong
  #end = 0;

  /** Whether the service asks who calls. */
  get asked() {
    return this.me !== '';
  }

  /** The token for a call; '' if it has ended. */
  get token() {
    return this.left > 0 ? this.#token : '';
  }

  /** For how many ms the token is still good. */
  get left() {
    return this.#token ? this.#end - Date.now() : 0;
  }

  /** For how many ms it was good when it came. */
  get life() {
    return this.#end - this.#begin;
  }

  /** For how many ms this memory has had it. */
  get age() {
    return Date.now() - this.#begin;
  }

  /** Takes a token {me, token, life} from oidc.js. */
  take({ me, token, life }) {
    this.me = me;
    this.#token = token;
    this.#begin = Date.now();
    this.#end = this.#begin + life;
    this.emit('token');
  }

  /** Notes that the service does not take a token. */
  refused(token, reason) {
    if (token !== this.#token) return; // there is a newer one
    this.#token = '';
    this.emit('ended', reason);
  }

  /** Forgets the token. */
  forget() {
    this.#token = '';
  }
}

export const account = new Account();
