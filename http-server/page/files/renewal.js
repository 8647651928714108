// Keeps somebody signed in: a token is renewed before it ends.

import { account } from './account.js';
import { renew } from './oidc.js';
import { leave } from './signin.js';

const TICK = 2_000; // ms between looks at the clock, which goes on while a machine sleeps
const EARLY = 60_000; // ms before its end that a token is renewed, but at most half of its life
const YOUNG = 10_000; // ms: a token that is refused so early would be refused however often it is renewed
const LEAST = 300_000; // ms that a token must live for the page to leave for another: else it would do little else

/**
 * Renews by the refresh token, if there is one. Else it leaves for the identity server, which may know the browser, at
 * a moment when nothing is lost. Else the banner asks the user.
 */
export class Renewal {
  #how;
  #refreshToken;
  #banner;
  #isQuiet;
  #asking = false;
  #refusal = ''; // why the service no longer takes the token

  constructor(how, refreshToken, banner, isQuiet) {
    this.#how = how;
    this.#refreshToken = refreshToken;
    this.#banner = banner;
    this.#isQuiet = isQuiet;
    account.addEventListener('ended', ({ detail }) => {
      this.#refusal = detail;
      if (account.age < YOUNG) this.#refreshToken = '';
      this.#look();
    });
    setInterval(() => this.#look(), TICK);
    document.addEventListener('visibilitychange', () => this.#look());
  }

  #look() {
    if (account.left > Math.min(EARLY, account.life / 2)) return this.#banner.tell('');
    if (this.#refreshToken) return void this.#ask();
    if (account.left > 0 && account.life >= LEAST && this.#isQuiet()) return void leave(this.#how, 'none');
    const ended = this.#refusal ? `You have to sign in again. ${this.#refusal}` : 'Your sign-in has ended.';
    this.#banner.tell(account.left > 0 ? 'Your sign-in ends soon.' : ended);
  }

  async #ask() {
    if (this.#asking) return;
    this.#asking = true;
    try {
      const tokens = await renew(this.#how, this.#refreshToken);
      if (tokens.me !== account.me) throw new Error('the token is of somebody else');
      this.#refreshToken = tokens.refreshToken;
      this.#refusal = '';
      account.take(tokens);
    } catch (error) {
      if (!error.transient) this.#refreshToken = ''; // it is used up; the next look tells
      else if (account.left <= 0) this.#banner.tell(error.message);
    } finally {
      this.#asking = false;
    }
  }
}
