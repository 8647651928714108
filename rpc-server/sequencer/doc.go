// Package sequencer turns the sends that wait into one commit. It collects the sends
// that arrive while a commit is under way, and commits them as one transaction, without
// a timer: an idle service commits at once, a busy one in large batches. How a batch is
// stored is the store's business.
//
// Its nouns:
//
//   - A send is a message on its way into the store: a [store.Send].
//   - A pending send is a send with a caller who waits for its outcome. It waits in the
//     queue until a batch takes it, and its caller may give up at any time.
//   - A batch is the pending sends of one commit. A batch may take several tries.
//   - A commit is one transaction in the database, as [Options] report it.
//   - A round is the service of one batch, from the queue to its last try. The gate
//     before the queue learns from rounds how long a wait will be.
package sequencer
