module example.com/im/idl/client

go 1.26

require github.com/cenkalti/backoff/v5 v5.0.3
