package router

import "context"

// SetCustomAttributes replaces the custom attributes of a conversation as a
// whole and returns them. A nil value leaves its key out.
func (r *Router) SetCustomAttributes(ctx context.Context, by By, id int64, custom Attributes) (Attributes, error) {
	if err := custom.check("custom_attributes"); err != nil {
		return nil, err
	}
	custom = Attributes{}.with(custom)
	_, err := r.change(ctx, byID(id), func(ch *change) error {
		if err := ch.permit(by); err != nil {
			return err
		}
		ch.c.CustomAttributes = custom
		return nil
	})
	return custom, err
}
