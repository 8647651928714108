module example.com/im/test

go 1.26

require (
	example.com/im/http-server v0.0.0
	example.com/im/idl v0.0.0
	example.com/im/rpc-server v0.0.0
)

replace (
	example.com/im/http-server => ../http-server
	example.com/im/idl => ../idl
	example.com/im/rpc-server => ../rpc-server
)
