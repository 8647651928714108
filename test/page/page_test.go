package page

import (
	"testing"
)

// tests share a system and a browser.
var tests = map[string]func(*testing.T, world){
	"two people converse":                    twoPeopleConverse,
	"Enter sends and Shift+Enter breaks":     enterSends,
	"history is read back to its beginning":  historyIsRead,
	"news does not move what is read":        newsDoesNotMove,
	"hostile text stays text":                hostileTextStays,
	"a defect waits for the user":            defectWaitsForUser,
	"days are told apart":                    daysAreToldApart,
	"a refused message is shown":             refusedMessageIsShown,
	"a chat that is refused is explained":    refusedChatIsExplained,
	"a busy service is asked again":          busyServiceIsAsked,
	"a server begins to ask":                 serverBeginsToAsk,
	"an unknown outcome is asked for":        unknownOutcomeIsAsked,
	"what is unsent survives a reload":       unsentSurvives,
	"a draft survives a reload":              draftSurvives,
	"messages keep their order":              orderIsKept,
	"one request is open":                    oneRequestIsOpen,
	"attempts become rarer":                  attemptsBecomeRarer,
	"names are compared as the service does": namesAreCompared,
	"both sides":                             bothSides,
	"the keyboard alone":                     keyboardAlone,
	"a hidden page holds no request":         hiddenPageRests,
	"no network":                             noNetwork,
	"320 pixels":                             narrow,
	"accessibility":                          accessible,
	"an earlier server":                      earlierServer,
	"the list of chats":                      listOfChats,
	"unread messages are counted":            unreadIsCounted,
	"a part that is read is counted":         partlyReadIsCounted,
	"a chat opens at what is unread":         opensAtUnread,
	"a hidden page reads nothing":            hiddenIsNotRead,
	"the other has seen it":                  seenIsShown,
	"a group":                                groupLives,
	"a member comes back":                    memberComesBack,
	"a group is refused":                     groupIsRefused,
	"a group is made once":                   groupIsMadeOnce,
	"addresses are links":                    addressesAreLinks,
	"a long conversation is light":           longConversationIsLight,
	"below a prefix":                         prefixIsKept,
	"foreign values are harmless":            foreignValuesAreHarmless,
	"what an older page left is sent":        olderUnsentIsSent,
	"the list is filtered":                   listIsFiltered,
	"a draft is listed":                      draftIsListed,
	"notifications":                          notificationsAreGiven,
	"sigma is one name":                      sigmaIsOneName,
	"long names fit":                         longNamesFit,
	"alphabets are hinted":                   alphabetsAreHinted,
	"a date is found":                        dateIsFound,
	"the stream waits":                       streamWaits,
	"a cursor is given up":                   cursorIsGivenUp,
}

// TestPage runs tests.
func TestPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	t.Run("views", func(t *testing.T) {
		for name, test := range tests {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				test(t, w)
			})
		}
	})
}
