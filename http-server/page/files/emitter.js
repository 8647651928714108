// What the parts of the page have in common that tell each other of events.

/** Tells of events. */
export class Emitter extends EventTarget {
  emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** Calls the service, and tells how that goes by the event state. */
export class Caller extends Emitter {
  state = { name: 'loading', reason: '' };

  setState(state) {
    if (state.name === this.state.name && state.reason === this.state.reason) return;
    this.state = state;
    this.emit('state', state);
  }
}
