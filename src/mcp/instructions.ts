/** What Claude Code tells the model about this server; it cuts after 2 KB. */
export const INSTRUCTIONS = `Switchboard reaches the person you work for when they are not at this terminal: questions appear on their phone, and their answer comes back to you.

When to ask (ask_blocking_question): before something that cannot be undone, when requirements allow several readings that lead to different work, when only a person has what is missing (a decision, a preference, a fact). Do not ask what you can find out or decide yourself, and do not ask twice: asking the same text again while it is open attaches to the question that is already there.

How to ask:
- One decision a question, in words that make sense on a phone without the terminal in view. Put code, diffs and error texts into "context".
- Give "options" (2 to 12) when the answers are known; the person taps one. They may still write another answer unless allow_text is false.
- Give "default_answer" when going on with a sensible choice is better than waiting for ever; it is used when nobody answers within timeout_minutes (30 unless you say otherwise).
- Several independent questions: ask them in one message, they wait side by side. To go on working meanwhile: wait: false, then check_question_answers.
- Call set_session_label once with what you work on ("checkout refactoring"), so that the person knows which session asks.

What comes back: status "answered" with the answer; "expired" means that nobody answered (a late answer is kept: check_question_answers hands it out); "withdrawn", "answered_elsewhere" and "session_ended" mean that the question is over. An answer by channel "default" is your own default, not a person's word.

If the person answers in the terminal instead, call mark_question_answered so that the question disappears from their phone. For news that need no answer use notify_user.`;
