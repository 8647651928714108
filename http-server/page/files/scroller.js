// The window on a timeline. It is laid out from its end (flex-direction:
// column-reverse): its scrollTop is 0 at the newest message and negative above. So
// nothing moves when history is added in front, or when a keyboard opens on a phone.

const NEAR = 60; // px from the end that count as there
const AHEAD = '800px 0px'; // read on before the end of what is there is seen

export class Scroller {
  #element;
  #sentinels;
  #observer;

  /** wanted(sentinel) is called when more should be read at one of the sentinels; moved() when it was scrolled. */
  constructor(element, sentinels, wanted, moved) {
    this.#element = element;
    this.#sentinels = sentinels;
    const inSight = (entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => wanted(entry.target));
    this.#observer = new IntersectionObserver(inSight, { root: element, rootMargin: AHEAD });
    element.addEventListener('scroll', moved, { passive: true });
  }

  /** Asks for more as soon as a sentinel is near; asks again at each call. */
  watch() {
    for (const sentinel of this.#sentinels) {
      this.#observer.unobserve(sentinel);
      this.#observer.observe(sentinel);
    }
  }

  close() {
    this.#observer.disconnect();
  }

  get atEnd() {
    return Math.abs(this.#element.scrollTop) < NEAR;
  }

  toEnd() {
    this.#element.scrollTop = 0;
  }

  /** Brings an element, and what comes after it, into sight. */
  show(element) {
    this.#element.scrollTop += element.getBoundingClientRect().top - this.#element.getBoundingClientRect().top - this.#element.clientHeight / 5;
  }

  /** Calls change, which adds and removes elements, and keeps what is looked at where it is; or with stay, goes to the end. */
  hold(change, stay) {
    const anchor = stay ? null : this.#looked();
    const before = anchor?.getBoundingClientRect().top;
    change();
    if (stay) this.toEnd();
    else if (anchor?.isConnected) this.#element.scrollTop += anchor.getBoundingClientRect().top - before;
  }

  /** The first message in sight. */
  #looked() {
    const { top } = this.#element.getBoundingClientRect();
    for (const element of this.#element.querySelectorAll('.message, .change')) {
      if (element.getBoundingClientRect().bottom > top) return element;
    }
    return null;
  }
}
