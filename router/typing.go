package router

import "context"

// AgentTypes tells who looks that an agent is typing, or stopped; private
// means a note, of which customers are not told. It is only passed on, never
// stored.
func (r *Router) AgentTypes(ctx context.Context, by By, id int64, on, private bool) error {
	c, err := r.seen(ctx, by, id)
	if err != nil {
		return err
	}
	h := c.happened()
	h.Typing = &Typing{Who: by.Actor, On: on, Private: private}
	r.opts.Live(h)
	r.tellTyping(ctx, c, *h.Typing)
	return nil
}
