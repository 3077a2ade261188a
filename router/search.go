package router

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"relevo/router/fault"
	"relevo/router/store"
)

const (
	searchPage = 15
	// searchDepth is how many of the newest messages are looked through. A
	// word in all messages ever is a matter for a search engine, not for the
	// database that conversations wait for.
	searchDepth = 200_000
	// searchContacts is how many of the newest customers with the words in
	// their name or address are taken, so that a word that all have is no
	// longer way than a name.
	searchContacts = 1000
	// contactDepth is how many of the newest customers are looked through for a
	// piece of a name or an address, for the same reason as searchDepth.
	contactDepth = 100_000
)

// checkSearch refuses what cannot be looked for.
func checkSearch(q string, page int) error {
	switch {
	case strings.TrimSpace(q) == "":
		return fault.Invalid.Field("required", "q")
	case len(q) > maxSearch:
		return fault.Invalid.Field(fault.Limit("too_large", maxSearch), "q")
	case strings.ContainsRune(q, 0):
		return fault.Invalid.Field("nul_byte", "q")
	case page > maxPage:
		return fault.Invalid.Field(fault.Limit("out_of_range", 1, maxPage), "page")
	}
	return nil
}

// contactsNamed asks for the ids of at most limit customers: the newest of
// those among the newest 100,000 who have q in their name, e-mail, telephone
// number or identifier, accents apart; and, however old, those whose e-mail, telephone number
// or identifier is q.
func contactsNamed(d store.Dialect, q string, limit int) (sql string, args []any) {
	has, words := d.Contains("x.name || '\n' || x.email || '\n' || x.phone_number || '\n' || coalesce(x.identifier, '')", q)
	return `SELECT f.id FROM (SELECT x.id FROM contacts x WHERE x.id > (SELECT coalesce(max(id), 0) FROM contacts) - ?
			AND ` + has + ` ORDER BY x.id DESC LIMIT ?) AS f
		UNION ALL SELECT x.id FROM contacts x WHERE x.email = ? AND x.email <> ''
		UNION ALL SELECT x.id FROM contacts x WHERE x.phone_number = ? AND x.phone_number <> ''
		UNION ALL SELECT x.id FROM contacts x WHERE x.identifier = ?`,
		[]any{contactDepth, words, limit, strings.ToLower(q), q, q}
}

// SearchConversations finds conversations by their number or their customer's
// name, e-mail, telephone number or identifier, 15 a page, the newest first. Of
// more than 1,000 such customers the newest are taken.
func (r *Router) SearchConversations(ctx context.Context, by By, q string, page int) ([]View, error) {
	if err := checkSearch(q, page); err != nil {
		return nil, err
	}
	named, args := contactsNamed(r.db.Dialect(), strings.TrimSpace(q), searchContacts)
	number, _ := strconv.ParseInt(strings.TrimPrefix(strings.TrimSpace(q), "#"), 10, 64)
	where := by.Scope.visible().and(`c.id IN (SELECT ? UNION ALL SELECT k.id FROM conversations k WHERE k.contact_id IN (`+named+`))`,
		append([]any{number}, args...)...)
	db := r.db.Read().WithContext(ctx)
	var rows []Conversation
	err := db.Raw("SELECT c.* FROM conversations c"+where.where()+" ORDER BY c.id DESC LIMIT ? OFFSET ?",
		append(where.args, searchPage, (max(page, 1)-1)*searchPage)...).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("search conversations: %w", err)
	}
	return r.views(db, rows)
}

// SearchMessages finds words in the newest 200,000 messages of the inboxes
// that by may see, 15 a page, the newest first. Activity lines are left out.
func (r *Router) SearchMessages(ctx context.Context, by By, q string, page int) ([]*Message, error) {
	if err := checkSearch(q, page); err != nil {
		return nil, err
	}
	where := wordsIn(r.db.Dialect(), q).and("m.message_type <> ?", int(Activity))
	if !by.Scope.All {
		where.and("m.inbox_id IN ?", append([]int64{0}, by.Scope.Inboxes...))
	}
	found := []*Message{}
	err := r.db.Read().WithContext(ctx).Raw("SELECT m.* FROM messages m"+where.where()+" ORDER BY m.id DESC LIMIT ? OFFSET ?",
		append(where.args, searchPage, (max(page, 1)-1)*searchPage)...).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("search messages: %w", err)
	}
	return found, nil
}

// wordsIn holds for those of the newest messages that have some words in them.
func wordsIn(d store.Dialect, q string) *conditions {
	has, words := d.Contains("m.content", strings.TrimSpace(q))
	return new(conditions).and("m.id > (SELECT coalesce(max(id), 0) FROM messages) - ?", searchDepth).and(has, words)
}
