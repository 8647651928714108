package im

// start runs the functions and returns a channel that is closed when all have
// returned.
func start(functions ...func()) <-chan struct{} {
	done := make(chan struct{})
	finished := make(chan struct{}, len(functions))
	for _, f := range functions {
		go func() { f(); finished <- struct{}{} }()
	}
	go func() {
		for range functions {
			<-finished
		}
		close(done)
	}()
	return done
}
