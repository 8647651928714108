module example.com/im/http-server

go 1.26

require example.com/im/idl v0.0.0

replace example.com/im/idl => ../idl
