package test

import (
	"testing"
)

// suite is the contract of the API, section by section. It sees the system as
// its clients do.
var suite = map[string]func(*testing.T, *client){
	"chat names":         testChatNames,
	"senders":            testSenders,
	"texts":              testTexts,
	"texts refused":      testTextsRefused,
	"send times":         testSendTimes,
	"fresh":              testFresh,
	"keys":               testKeys,
	"equal keys at once": testEqualKeysAtOnce,
	"keys refused":       testKeysRefused,
	"parsing of sends":   testSendParsing,
	"sends refused":      testSendsRefused,
	"forms":              testForms,
	"forms refused":      testFormsRefused,
	"forms of tools":     testWriters,
	"pages":              testPages,
	"cursors":            testCursors,
	"following":          testFollowing,
	"waiting":            testWaiting,
	"waiting in vain":    testWaitInVain,
	"following by waits": testFollowingByWaits,
	"limits":             testLimits,
	"size of pages":      testPageBytes,
	"parsing of pulls":   testPullParsing,
	"pulls refused":      testPullsRefused,
	"inbox":              testInbox,
	"inbox, fresh":       testInboxFresh,
	"inbox of new chats": testInboxOfConcurrentSends,
	"parsing of inboxes": testInboxParsing,
	"inboxes refused":    testInboxesRefused,
	"size of inboxes":    testInboxBytes,
	"sync":               testSync,
	"sync, fresh":        testSyncFresh,
	"waiting syncs":      testWaitingSyncs,
	"groups":             testGroups,
	"groups refused":     testGroupsRefused,
	"read marks":         testReadMarks,
	"paths and methods":  testPathsAndMethods,
	"large bodies":       testLargeBodies,
	"headers of answers": testHeaders,
	"request ids":        testRequestIDs,
	"web pages":          testCORS,
	"health":             testHealth,
}

func TestAPI(t *testing.T) {
	t.Parallel()
	eachTarget(t, func(t *testing.T, c *client) {
		for name, section := range suite {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				section(t, c)
			})
		}
	})
}
