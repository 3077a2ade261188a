package main

import (
	netmail "net/mail"

	"relevo/config"
	"relevo/router"
	"relevo/router/mail"
	"relevo/router/mailbox"
	"relevo/router/store"
)

// mailOptions is how mails leave, as the configuration says.
func mailOptions(c config.Mail, db *store.DB) (router.MailOptions, error) {
	o := router.MailOptions{ConversationURL: c.ConversationURL}
	if c.Driver == config.MailOff {
		return o, nil
	}
	var err error
	if c.From != "" {
		o.From, err = mail.ParseSender(c.From)
	}
	if c.Driver == config.MailMailbox {
		o.Sender = mailbox.New(db)
		if c.From == "" {
			o.From = netmail.Address{Name: "Relevo", Address: "relevo@example.com"}
		}
	}
	if c.Driver == config.MailSMTP {
		o.Sender = mail.NewSMTP(mail.Server{Host: c.Host, Port: c.ServerPort(), TLS: c.TLS, Username: c.Username,
			Password: c.Password.Reveal(), Timeout: c.Timeout.D()})
	}
	return o, err
}
