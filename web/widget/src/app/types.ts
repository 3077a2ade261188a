// The shapes of the public API, as far as the panel reads them.

export const INCOMING = 0; // the visitor's own words

export type Status = "pending" | "open" | "snoozed" | "resolved";

export interface Sender {
  id: number;
  name: string;
  type: "contact" | "user" | "agent_bot";
  avatar_url?: string;
}

export interface Attachment {
  id: number;
  file_type: "image" | "audio" | "video" | "file";
  data_url: string;
  thumb_url: string;
  file_name: string;
  file_size: number;
}

export interface Message {
  id: number;
  content: string;
  message_type: number;
  content_type: string;
  content_attributes: Record<string, unknown> | null;
  created_at: number;
  conversation_id: number;
  echo_id?: string | null;
  sender?: Sender;
  attachments?: Attachment[];
}

export interface Conversation {
  id: number;
  status: Status;
  contact_last_seen_at: number;
  agent_last_seen_at: number;
  holder: "bot" | "waiting" | "agent" | "nobody";
  agent: { name: string; avatar_url: string } | null;
  position: number | null; // of who waits
  can_talk_to_person: boolean;
  can_cancel_waiting: boolean;
  messages: Message[];
}

export interface Visitor {
  source_id: string;
  name: string;
  email: string | null;
  phone_number: string | null;
}

/** What the inbox shows and takes. */
export interface Inbox {
  identifier: string;
  name: string;
  locale: string;
  widget_color: string;
  welcome_title: string;
  welcome_tagline: string;
  pre_chat_form_enabled: boolean;
  pre_chat_form_options: { pre_chat_message: string; pre_chat_fields: PreChatField[] };
  campaigns?: Campaign[];
  timezone: string;
  open_now: boolean;
  opens_at: number | null;
  limits: { files: number; file_size: number; total_size: number };
}

/** What visitors are told who have not written. */
export interface Campaign {
  id: number;
  message: string;
  sender: { name: string } | null;
}

/** A question before the first word. */
export interface PreChatField {
  name: string;
  label: string;
  type: string;
  required: boolean;
  placeholder: string;
  values: string[];
  regex_pattern: string | null;
  regex_cue: string | null;
}

/** What a socket is told: ids, never words. */
export interface Push {
  event: string;
  data: {
    conversation_id?: number;
    message_id?: number;
    status?: Status;
    changed?: string[];
    by?: { type: string; id: number };
  };
}
