// The window on a timeline. It is laid out from its end (flex-direction:
// column-reverse): its scrollTop is 0 at the newest message and negative above. So
// nothing moves when history is added in front, or when a keyboard opens on a phone.

const NEAR = 60; // px from the end that count as there
const AHEAD = '800px 0px 0px 0px'; // read history before its end is seen

export class Scroller {
  #element;
  #jump;
  #unseen = 0;
  #sentinel;
  #observer;

  /** wanted() is called when history should be read. */
  constructor(element, sentinel, jump, wanted) {
    this.#element = element;
    this.#jump = jump;
    this.#sentinel = sentinel;
    this.#observer = new IntersectionObserver((entries) => entries.at(-1).isIntersecting && wanted(), { root: element, rootMargin: AHEAD });
    jump.addEventListener('click', () => {
      this.toEnd();
      element.focus({ preventScroll: true });
    });
    element.addEventListener('scroll', () => this.#isAtEnd() && this.#count(0), { passive: true });
  }

  /** Asks for history as soon as its place is near; asks again at each call. */
  watch() {
    this.#observer.unobserve(this.#sentinel);
    this.#observer.observe(this.#sentinel);
  }

  /** Stops asking for history. */
  close() {
    this.#observer.disconnect();
  }

  toEnd() {
    this.#element.scrollTop = 0;
    this.#count(0);
  }

  /** Calls change, which adds at the end, and keeps what is looked at where it is; news is how many messages a reader further up does not see. */
  atEnd(change, news = 0) {
    const atEnd = this.#isAtEnd();
    const height = this.#element.scrollHeight;
    change();
    if (atEnd) return this.toEnd();
    this.#element.scrollTop -= this.#element.scrollHeight - height;
    this.#count(this.#unseen + news);
  }

  #isAtEnd() {
    return Math.abs(this.#element.scrollTop) < NEAR;
  }

  #count(unseen) {
    this.#unseen = unseen;
    this.#jump.hidden = unseen === 0;
    this.#jump.textContent = unseen === 1 ? '1 new message ↓' : `${unseen} new messages ↓`;
  }
}
