package page

import (
	"testing"
)

// TestPage runs the tests that share a system and a browser.
func TestPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	t.Run("views", func(t *testing.T) {
		for name, test := range map[string]func(*testing.T, world){
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
			"an unknown outcome is asked for":        unknownOutcomeIsAsked,
			"what is unsent survives a reload":       unsentSurvives,
			"a draft survives a reload":              draftSurvives,
			"messages keep their order":              orderIsKept,
			"another chat ends the wait for one":     otherChatEndsWait,
			"attempts become rarer":                  attemptsBecomeRarer,
			"names are compared as the service does": namesAreCompared,
			"both sides":                             bothSides,
			"the keyboard alone":                     keyboardAlone,
			"a hidden page holds no request":         hiddenPageRests,
			"no network":                             noNetwork,
			"320 pixels":                             narrow,
			"accessibility":                          accessible,
			"without the list of chats":              withoutList,
			"the list of chats":                      listOfChats,
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				test(t, w)
			})
		}
	})
}
