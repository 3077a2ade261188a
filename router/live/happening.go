package live

import (
	"slices"

	"relevo/router"
)

// happening is a router.Happened without words, small enough to wait.
type happening struct {
	router.Happened // Messages and Altered are empty
	said, altered   []words
	behind          bool // several, put together: no message is named
}

// words is a message without its words.
type words struct {
	id, seq int64
	public  bool // customers may see it
}

func happeningOf(h router.Happened) happening {
	out := happening{Happened: h, said: wordsOf(h.Messages), altered: wordsOf(h.Altered)}
	out.Messages, out.Altered = nil, nil
	return out
}

func wordsOf(messages []*router.Message) []words {
	if len(messages) == 0 {
		return nil
	}
	out := make([]words, len(messages))
	for i, m := range messages {
		out[i] = words{m.ID, m.Seq, !m.Private && m.MessageType != router.Activity}
	}
	return out
}

func anyPublic(list []words) bool {
	return slices.ContainsFunc(list, func(w words) bool { return w.public })
}

// merge puts two happenings of one conversation together into one that says
// how far it is and what kinds of things changed. Typing is forgotten.
func merge(a, b happening) happening {
	if b.Version < a.Version || b.Version == a.Version && b.Seq < a.Seq {
		a, b = b, a // commits are told of out of order
	}
	b.behind, b.Typing = true, nil
	b.Seq = max(a.Seq, b.Seq)
	b.Began, b.Gone = a.Began || b.Began, a.Gone || b.Gone
	if b.Read == nil {
		b.Read = a.Read
	}
	b.Notices = oneOfEachAgent(a.Notices, b.Notices)
	b.said, b.altered = oneOfEach(a.said, b.said), oneOfEach(a.altered, b.altered)
	changed := slices.Clone(a.Changed)
	for _, f := range b.Changed {
		if !slices.Contains(changed, f) {
			changed = append(changed, f)
		}
	}
	b.Changed = changed
	return b
}

// oneOfEachAgent keeps a notice for each agent, so that what is merged does not
// grow beyond the house. Where an agent has several, it names none: id 0.
func oneOfEachAgent(a, b []router.Notice) []router.Notice {
	out := make([]router.Notice, 0, len(a)+len(b))
	for _, n := range slices.Concat(a, b) {
		i := slices.IndexFunc(out, func(known router.Notice) bool { return known.Agent == n.Agent })
		switch {
		case i < 0:
			out = append(out, n)
		case out[i].ID != n.ID:
			out[i].ID = 0
		}
	}
	return out
}

// oneOfEach keeps a public and a hidden one, so that what is merged does not
// grow.
func oneOfEach(a, b []words) []words {
	var out []words
	for _, public := range []bool{true, false} {
		like := func(w words) bool { return w.public == public }
		if i := slices.IndexFunc(b, like); i >= 0 {
			out = append(out, b[i])
		} else if i := slices.IndexFunc(a, like); i >= 0 {
			out = append(out, a[i])
		}
	}
	return out
}
