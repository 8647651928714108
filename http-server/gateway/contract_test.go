package gateway

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"example.com/im/http-server/answer"
	"example.com/im/http-server/fault"
	"example.com/im/http-server/openapi/openapitest"
	"example.com/im/http-server/request"
	"example.com/im/http-server/rpc/rpctest"
	"example.com/im/idl/chat"
)

// contract returns the contract.
func contract(t *testing.T) *openapitest.Contract {
	t.Helper()
	c, err := openapitest.Ours()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The document has the gateway's routes and no others. What it says of GET holds
// for HEAD.
func TestRoutesAreInTheContract(t *testing.T) {
	t.Parallel()
	g := startGateway(t, rpctest.NewRegistry())
	var served, documented []string
	for _, r := range g.hertz.Routes() {
		path := contract(t).Path(r.Path)
		if path == "" {
			t.Errorf("%s %s is not documented", r.Method, r.Path)
		}
		if r.Method != http.MethodHead {
			served = append(served, r.Method+" "+path)
		}
	}
	for path, item := range contract(t).Document.Paths.PathItems.FromOldest() {
		for method := range item.GetOperations().FromOldest() {
			documented = append(documented, strings.ToUpper(method)+" "+path)
		}
	}
	slices.Sort(served)
	served = slices.Compact(served) // a path with a parameter is many
	slices.Sort(documented)
	if !slices.Equal(served, documented) {
		t.Errorf("documented are\n%q; served are\n%q", documented, served)
	}
}

// Each code of the error table is an answer in the document, with its status and
// an example, and there are no others.
func TestCodesAreInTheContract(t *testing.T) {
	t.Parallel()
	document := contract(t).Document
	table := document.Info.Description
	documented := map[fault.Code]bool{}
	for name, response := range document.Components.Responses.FromOldest() {
		if response.Content == nil {
			continue
		}
		media := response.Content.GetOrZero("application/json")
		if media == nil || media.Schema.Schema().Properties.GetOrZero("error") == nil {
			continue
		}
		detail := media.Schema.Schema().Properties.GetOrZero("error").Schema()
		c := fault.Code(detail.Properties.GetOrZero("code").Schema().Const.Value)
		documented[c] = true
		if row := "| " + strconv.Itoa(answer.Statuses[c]) + " | `" + string(c) + "` |"; !strings.Contains(table, row) {
			t.Errorf("%s: the table has no row %s", name, row)
		}
		if media.Example == nil && media.Examples.Len() == 0 {
			t.Errorf("%s: there is no example", name)
		}
	}
	for c := range answer.Statuses {
		if !documented[c] {
			t.Errorf("%s is not documented", c)
		}
	}
	if len(documented) != len(answer.Statuses) {
		t.Errorf("documented are %v; there are %v", documented, answer.Statuses)
	}
}

// The limits and defaults of the document's schemas are those of the code.
func TestLimitsOfTheContract(t *testing.T) {
	t.Parallel()
	document := contract(t).Document
	schemas, parameters := document.Components.Schemas, document.Components.Parameters
	length := func(schema, field string) int64 {
		return *schemas.GetOrZero(schema).Schema().Properties.GetOrZero(field).Schema().MaxLength
	}
	items := func(schema, field string) int64 {
		return *schemas.GetOrZero(schema).Schema().Properties.GetOrZero(field).Schema().MaxItems
	}
	defaultOf := func(parameter string) int64 {
		n, err := strconv.ParseInt(parameters.GetOrZero(parameter).Schema.Schema().Default.Value, 10, 64)
		if err != nil {
			t.Errorf("%s: %v", parameter, err)
		}
		return n
	}
	for name, tc := range map[string]struct{ got, want int64 }{
		"text sent":       {length("SendRequest", "text"), chat.MaxTextBytes},
		"text pulled":     {length("Message", "text"), chat.MaxTextBytes},
		"sender":          {length("Message", "sender"), chat.MaxMemberRunes},
		"chat":            {*schemas.GetOrZero("ChatName").Schema().MaxLength, 2*chat.MaxMemberRunes + 1},
		"key":             {*parameters.GetOrZero("IdempotencyKey").Schema.Schema().MaxLength, chat.MaxKeyBytes},
		"page":            {items("Page", "messages"), chat.MaxLimit},
		"chats":           {items("Chats", "chats"), chat.MaxLimit},
		"sync":            {items("Sync", "messages"), chat.MaxLimit},
		"members":         {items("Members", "members"), chat.MaxLimit},
		"changed":         {*schemas.GetOrZero("Names").Schema().MaxItems, chat.MaxChangeNames + 1},
		"add":             {*parameters.GetOrZero("Add").Schema.Schema().MaxItems, chat.MaxChangeNames},
		"remove":          {*parameters.GetOrZero("Remove").Schema.Schema().MaxItems, chat.MaxChangeNames},
		"member":          {*schemas.GetOrZero("MemberName").Schema().MaxLength, chat.MaxMemberRunes},
		"preview":         {length("LastMessage", "text"), chat.MaxTextBytes},
		"group":           {int64(*schemas.GetOrZero("Changed").Schema().Properties.GetOrZero("members").Schema().Maximum), chat.MaxGroupMembers},
		"sync_cursor":     {length("Chats", "sync_cursor"), chat.MaxCursorBytes},
		"next_cursor":     {length("Sync", "next_cursor"), chat.MaxCursorBytes},
		"sync's cursor":   {*parameters.GetOrZero("SyncCursor").Schema.Schema().MaxLength, chat.MaxCursorBytes},
		"default sync":    {defaultOf("SyncLimit"), chat.DefaultSyncLimit},
		"default members": {defaultOf("MembersLimit"), chat.DefaultLimit},
		"default preview": {defaultOf("Preview"), 0},
		"default chats":   {defaultOf("ChatsLimit"), chat.DefaultLimit},
		"default limit":   {defaultOf("Limit"), chat.DefaultLimit},
		"default cursor":  {defaultOf("Cursor"), 0},
		"default wait_ms": {defaultOf("WaitMs"), 0},
	} {
		if tc.got != tc.want {
			t.Errorf("%s: documented is %d; it is %d", name, tc.got, tc.want)
		}
	}
}

// The limits that the document says in words are those of the code as well. It uses
// words if it is no error to exceed the limit, or if a schema cannot say it.
func TestWordsOfTheContract(t *testing.T) {
	t.Parallel()
	document := contract(t).Document
	schemas, parameters := document.Components.Schemas, document.Components.Parameters
	general := document.Info.Description
	printer := message.NewPrinter(language.English)
	for name, tc := range map[string]struct {
		text, format string
		limit        int
	}{
		"body":           {general, "A body is at most %d bytes", request.MaxBodyBytes},
		"headers":        {general, "headers together at most %d bytes", maxHeaderBytes},
		"request id":     {general, "that is 1 to %d visible ASCII", request.MaxIDBytes},
		"names":          {general, "1 to %d characters each", chat.MaxMemberRunes},
		"text":           {schemas.GetOrZero("SendRequest").Schema().Properties.GetOrZero("text").Schema().Description, "1 to %d bytes", chat.MaxTextBytes},
		"limit":          {parameters.GetOrZero("Limit").Description, "above %d is taken as", chat.MaxLimit},
		"chats":          {parameters.GetOrZero("ChatsLimit").Description, "above %d is taken as", chat.MaxLimit},
		"texts of chats": {document.Paths.PathItems.GetOrZero("/api/chats").Get.Description, "before its texts pass %d bytes", chat.MaxPageBytes},
		"sync":           {parameters.GetOrZero("SyncLimit").Description, "above %d is taken as", chat.MaxLimit},
		"members":        {parameters.GetOrZero("MembersLimit").Description, "above %d is taken as", chat.MaxLimit},
		"sync 0":         {parameters.GetOrZero("SyncLimit").Description, "0 is %d;", chat.DefaultSyncLimit},
		"sync's wait_ms": {parameters.GetOrZero("SyncWaitMs").Description, "Above %d is taken as", maxWaitMs},
		"texts of sync":  {document.Paths.PathItems.GetOrZero("/api/sync").Get.Description, "before its texts pass %d bytes", chat.MaxPageBytes},
		"change":         {document.Paths.PathItems.GetOrZero("/api/members").Post.Description, "at most %d members", chat.MaxChangeNames},
		"group":          {document.Paths.PathItems.GetOrZero("/api/members").Post.Description, "has at most %d.", chat.MaxGroupMembers},
		"limit 0":        {parameters.GetOrZero("Limit").Description, "0 is %d;", chat.DefaultLimit},
		"wait_ms":        {parameters.GetOrZero("WaitMs").Description, "Above %d is taken as", maxWaitMs},
		"texts of page":  {document.Paths.PathItems.GetOrZero("/api/pull").Get.Description, "before its texts pass %d bytes", chat.MaxPageBytes},
	} {
		if want := printer.Sprintf(tc.format, tc.limit); !strings.Contains(tc.text, want) {
			t.Errorf("%s: the document does not say %q", name, want)
		}
	}
}
