package emulator_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHumanHandoffHandsOverOnTheSecondMiss(t *testing.T) {
	k := start(t, saved(t, "human-handoff"), "en-US")
	require.Contains(t, k.event("WELCOME", nil).FulfillmentText, "demonstrate operator requests")
	q := k.expect(line{"what do you do?", "What's My Purpose?", "I'm"})
	require.Zero(t, lifespan(q, "operator_request"))

	q = k.expect(line{"colourless green ideas sleep", "Default Fallback Intent", ""})
	require.True(t, q.Intent.IsFallback)
	require.Equal(t, 1, lifespan(q, "defaultfallbackintent-followup"))
	require.Zero(t, lifespan(q, "operator_request"))

	q = k.expect(line{"furiously", "Default Fallback Intent - fallback", "I'm not sure I can help with that."})
	require.Equal(t, 1, lifespan(q, "operator_request"))
}

func TestHumanHandoffForgetsAMissThatWasFollowedByAMatch(t *testing.T) {
	k := start(t, saved(t, "human-handoff"), "en")
	k.expect(
		line{"colourless green ideas sleep", "Default Fallback Intent", ""},
		line{"tell me about yourself", "What's My Purpose?", ""},
		line{"colourless green ideas sleep", "Default Fallback Intent", ""})
	q := k.expect(line{"I would like to talk to a real person", "Operator Request", "No"})
	require.Equal(t, 1, lifespan(q, "operator_request"))
}

func TestRoomReservationFillsFiveSlotsAndConfirms(t *testing.T) {
	k := start(t, saved(t, "room-reservation"), "en")
	q := k.expect(
		line{"hello", "Default Welcome Intent", ""},
		line{"help me with room reservation", "room.reservation", "I can help with that. Where would you like"},
		line{"London", "room.reservation", "What date?"},
		line{"tomorrow", "room.reservation", "What time will the meeting start?"},
		line{"at 10 am", "room.reservation", "How long will it last?"},
		line{"2 hours", "room.reservation", "Thanks. How many people are attending?"})
	require.False(t, q.AllRequiredParamsPresent)
	q = k.expect(line{"there will be 5 of us", "room.reservation", "Choose a room please."})
	require.True(t, q.AllRequiredParamsPresent)
	require.Equal(t, map[string]any{
		"location": "London", "date": "2026-11-24T12:00:00-05:00", "time": "2026-11-23T10:00:00-05:00",
		"duration": map[string]any{"amount": 2.0, "unit": "h"}, "guests": 5.0,
	}, params(q))
	require.Len(t, q.FulfillmentMessages, 2) // the card for Facebook, and the text
	require.Equal(t, 2, lifespan(q, "roomreservation-followup"))

	q = k.expect(line{"B", "room.reservation - choose room",
		"Ok, here are the meeting details.\nDate: 2026-11-24T12:00:00-05:00\nTime: 2026-11-23T10:00:00-05:00\nDuration: 2 hours\nLocation: London\n"})
	require.Equal(t, "B", params(q)["room"])
	k.expect(line{"sounds good", "room.reservation - yes", "All set!"})
}

func TestRoomReservationTakesWhatOnePhraseHolds(t *testing.T) {
	k := start(t, saved(t, "room-reservation"), "en")
	q := k.expect(line{"reserve a meeting room in Paris on December 10 at 2pm for 12 people", "room.reservation", "How long will it last?"})
	p := params(q)
	require.Equal(t, "Paris", p["location"])
	require.Equal(t, "2026-12-10T12:00:00-05:00", p["date"])
	require.Equal(t, "2026-11-23T14:00:00-05:00", p["time"])
	require.Equal(t, 12.0, p["guests"])
}

func TestRoomReservationIsCancelledHalfWay(t *testing.T) {
	k := start(t, saved(t, "room-reservation"), "en")
	k.expect(
		line{"I need a room", "room.reservation", "I can help with that."},
		line{"Moscow", "room.reservation", "What date?"})
	q := k.say("never mind")
	require.True(t, q.CancelsSlotFilling)
	require.Zero(t, lifespan(q, "room_reservation_dialog_context"))
	k.expect(line{"tomorrow blargh", "Default Fallback Intent", ""})
}

func TestBikeShopMakesAnAppointment(t *testing.T) {
	k := start(t, saved(t, "bike-shop"), "en-GB")
	k.expect(
		line{"what are your opening hours", "Hours", "We are open every weekday"},
		line{"I'd like to schedule an appointment for next Friday", "Make Appointment", "What time works for you?"},
		line{"3pm", "Make Appointment", "Ok, let me see if we can fit you in."})
	k.expect(
		line{"my two wheeler please", "Fallback Intent", "I'm sorry it's a little loud"},
		line{"I need a tune-up.", "Make Appointment - custom",
			"Okay, we’ll schedule a service for tomorrow, 2026-11-27T12:00:00-08:00, at 2026-11-23T15:00:00-08:00."})
}

func TestBikeShopAsksAgainForAnEntityItDoesNotKnow(t *testing.T) {
	k := start(t, saved(t, "bike-shop"), "en")
	q := k.expect(
		line{"Can I schedule service for 4pm tomorrow?", "Make Appointment", "Ok, let me see"},
		line{"I need a massage", "Make Appointment - custom", "We can service or repair your bike."})
	require.False(t, q.AllRequiredParamsPresent)
	q = k.expect(
		line{"a massage", "Make Appointment - custom", "We can service or repair your bike."},
		line{"flat tire", "Make Appointment - custom", "Okay, we’ll schedule a fix for tomorrow"})
	require.Equal(t, "fix", params(q)["AppointmentType"])
}

func TestSalesforceInternalWalksItsTree(t *testing.T) {
	k := start(t, saved(t, "salesforce-internal"), "en")
	k.expect(line{"I need help with deal support", "deal-support", ""})
	q := k.expect(line{"Acme Corporation", "verify-name", "Is this the correct name?"})
	require.Equal(t, "Acme Corporation", params(q)["customerName"])
	k.expect(
		line{"Yes", "verify-name - yes", ""},
		line{"The big one in Berlin", "open-opportunity", "What kind of deal support do you need?"})
	q = k.expect(line{"legal support", "deal_support_type", "Okay. Any additional notes"})
	require.Equal(t, "Legal Support", params(q)["support-type"])
	require.Equal(t, 1, lifespan(q, "deal_support_type-followup"))
	require.Equal(t, 2, lifespan(q, "deal_support_type-followup-2"))
	k.expect(line{"yes please", "deal_support_type - yes", "Type in your notes."})
	q = k.expect(line{"call them before noon", "notes_new", "Is this deal support request correct?"})
	require.Equal(t, "call them before noon", params(q)["notes"])
	k.expect(line{"absolutely", "notes_new - yes", "Thank you. Your Case has been created."})
}

func TestSalesforceInternalFallsBackInsideItsTree(t *testing.T) {
	k := start(t, saved(t, "salesforce-internal"), "en")
	k.expect(
		line{"deal support", "deal-support", ""},
		line{"Acme", "verify-name", ""},
		line{"yes", "verify-name - yes", ""},
		line{"Renewal", "open-opportunity", "What kind of deal support"},
		line{"xyzzy", "deal_support_type - fallback", "Please choose one of the following."},
		line{"Pricing Support", "deal_support_type", "Okay. Any additional notes"},
		line{"not really", "deal_support_type - no", "Is this deal support request correct?"},
		line{"that's correct", "deal_support_type - no - yes", "Thank you. Your request has been created."})
}
