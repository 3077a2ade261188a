package live

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relevo/router"
)

func said(conversation, seq int64, private bool) happening {
	return happeningOf(router.Happened{Conversation: conversation, Inbox: 3, Visitor: 4, Seq: seq, Version: 1,
		Messages: []*router.Message{{ID: 100 + seq, Seq: seq, Private: private, Content: "words"}}})
}

func told(h happening) map[string][]Event {
	out := map[string][]Event{}
	for _, p := range h.pushes() {
		out[p.channel] = append(out[p.channel], p.event)
	}
	return out
}

// A burst that does not fit is told in short: for each conversation, how far
// it is and what kinds of things happened.
func TestAFullQueueTellsInShort(t *testing.T) {
	l := newLane(2)
	for seq := range int64(100) {
		l.put(said(7, seq+1, seq%2 == 1))
	}
	l.put(happeningOf(router.Happened{Conversation: 7, Inbox: 3, Visitor: 4, Seq: 100, Version: 2, Status: "resolved", Changed: []router.Field{router.FieldStatus}}))
	l.put(said(8, 1, true))
	require.Len(t, l.queue, 2, "in order, as they came")
	late, dropped := l.takeLate()
	require.Zero(t, dropped)
	require.Len(t, late, 2)
	for _, h := range late {
		heard := told(h)
		if h.Conversation == 8 {
			require.Empty(t, heard["visitor:4"], "a note in short is still no news for the customer")
			require.Equal(t, []router.Field{"messages"}, heard["inbox:3"][0].Data.Changed)
			continue
		}
		for _, channel := range []string{"inbox:3", "inboxes", "visitor:4"} {
			require.Len(t, heard[channel], 2)
			require.Equal(t, "conversation.status_changed", heard[channel][0].Event)
			require.EqualValues(t, "resolved", heard[channel][0].Data.Status)
			require.Equal(t, Event{"conversation.updated", Data{Account: 1, Conversation: 7, Inbox: 3, Seq: 100, Version: 2, Changed: []router.Field{"messages"}}}, heard[channel][1])
		}
	}
	late, _ = l.takeLate()
	require.Empty(t, late)
}

func TestWhatIsKeptInShortIsBounded(t *testing.T) {
	l := newLane(1)
	for c := range int64(latecomers + 50) {
		l.put(said(c+1, 1, false))
	}
	late, dropped := l.takeLate()
	require.Len(t, late, latecomers)
	require.EqualValues(t, 49, dropped)
}

// Commits are told of by whoever committed, so two may come in the wrong order.
func TestTheNewerOfTwoCounts(t *testing.T) {
	older, newer := said(7, 4, false), said(7, 5, true)
	older.Status, newer.Status = "open", "resolved"
	newer.Version = 2
	for _, h := range []happening{merge(older, newer), merge(newer, older)} {
		require.EqualValues(t, 5, h.Seq)
		require.EqualValues(t, 2, h.Version)
		require.EqualValues(t, "resolved", h.Status)
		require.Len(t, h.said, 2, "a public one and a hidden one")
	}
}

// Words never wait in a queue.
func TestNoWordsWait(t *testing.T) {
	h := said(7, 1, false)
	require.Empty(t, h.Messages)
	require.Equal(t, []words{{101, 1, true}}, h.said)
}

// Every agent who is to be told hears of it, however much is told in short;
// who has several notifications fetches them.
func TestNobodysNotificationIsLostInABurst(t *testing.T) {
	l := newLane(1)
	for n := range int64(1000) {
		l.put(happeningOf(router.Happened{Conversation: 7, Inbox: 3, Seq: n, Version: 1, Notices: []router.Notice{{ID: n + 1, Agent: n % 3}}}))
	}
	l.put(happeningOf(router.Happened{Conversation: 7, Inbox: 3, Seq: 1000, Version: 2, Notices: []router.Notice{{ID: 2000, Agent: 9}}}))
	l.put(happeningOf(router.Happened{Conversation: 7, Inbox: 3, Seq: 1001, Version: 2}))
	late, _ := l.takeLate()
	require.Len(t, late, 1)
	heard := told(late[0])
	several := Event{"notification.created", Data{Account: 1, Conversation: 7}}
	one := Event{"notification.created", Data{Account: 1, Conversation: 7, Notification: 2000}}
	require.Equal(t, []Event{several}, heard["agent:0"])
	require.Equal(t, []Event{several}, heard["agent:1"])
	require.Equal(t, []Event{several}, heard["agent:2"])
	require.Equal(t, []Event{one}, heard["agent:9"])
}
