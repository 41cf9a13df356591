import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  answerDraft,
  closedDraft,
  deliveredDraft,
  errorDraft,
  settledDraft,
  shownDraft,
} from '../../src/domain/drafts.ts';
import { eventIdFrom, type QuestionId, type SessionId } from '../../src/domain/ids.ts';
import { type Draft, isForeign, parseRecord } from '../../src/domain/records.ts';
import { emptySessionState, fold } from '../../src/domain/session-state.ts';
import { metadataDraft } from '../support/records.ts';
import { StorePlace } from '../support/store-places.ts';

// A line written by version 1 stays readable for ever. Lines may be added here; none may be changed or removed.
const VERSION_1 = {
  session_metadata:
    '{"v":1,"event_id":"01","type":"session_metadata","timestamp":"2026-11-20T10:00:00.000Z","writer":"mcp:4242","session_id":"0b6f3f6e-3a55-4c39-9d5c-2f4d3f1a7c11","pid":4242,"process_started_at":"123456","host":"desk","boot_id":"5b0e9f1c-0000-4000-8000-000000000000","pid_namespace":"pid:[4026531836]","cwd":"/home/ada/engine","project_dir":"/home/ada/engine","start_time":"2026-11-20T10:00:00.000Z","label":"phase 2","git_branch":"main","client":{"name":"claude-code","version":"2.1.329"},"claude_session_id":"c1","version":"0.1.0"}',
  session_metadata_bare:
    '{"v":1,"event_id":"02","type":"session_metadata","timestamp":"2026-11-20T10:00:00.000Z","writer":"mcp:4242","session_id":"0b6f3f6e-3a55-4c39-9d5c-2f4d3f1a7c11","pid":4242,"process_started_at":null,"host":"desk","boot_id":null,"pid_namespace":null,"cwd":"/","project_dir":"/","start_time":"2026-11-20T10:00:00.000Z","client":{"name":"claude-code","version":"2.1.329"},"version":"0.1.0"}',
  session_updated:
    '{"v":1,"event_id":"03","type":"session_updated","timestamp":"2026-11-20T10:00:01.000Z","writer":"mcp:4242","label":"phase 3","git_branch":"feature/x","claude_session_id":"c2"}',
  heartbeat: '{"v":1,"event_id":"04","type":"heartbeat","timestamp":"2026-11-20T10:05:00.000Z","writer":"mcp:4242"}',
  task: '{"v":1,"event_id":"05","type":"task","timestamp":"2026-11-20T10:05:00.000Z","writer":"mcp:4242","task_id":"t1","title":"Build","status":"open"}',
  question:
    '{"v":1,"event_id":"06","type":"question","timestamp":"2026-11-20T10:06:00.000Z","writer":"mcp:4242","id":"11111111-1111-4111-8111-111111111111","kind":"question","question":"Deploy now?","context":"All tests pass.","context_file":"0b6f3f6e-3a55-4c39-9d5c-2f4d3f1a7c11/11111111-1111-4111-8111-111111111111.context.md","options":[{"label":"Yes"},{"label":"No","description":"not today"}],"multi_select":false,"allow_text":true,"default_answer":"No","status":"pending","created_at":"2026-11-20T10:06:00.000Z","expires_at":"2026-11-20T10:36:00.000Z"}',
  permission:
    '{"v":1,"event_id":"07","type":"question","timestamp":"2026-11-20T10:06:00.000Z","writer":"mcp:4242","id":"22222222-2222-4222-8222-222222222222","kind":"permission","question":"May I run it?","multi_select":false,"allow_text":false,"options":[{"label":"Allow"},{"label":"Deny"}],"status":"pending","created_at":"2026-11-20T10:06:00.000Z"}',
  notice:
    '{"v":1,"event_id":"08","type":"question","timestamp":"2026-11-20T10:06:00.000Z","writer":"mcp:4242","id":"33333333-3333-4333-8333-333333333333","kind":"notice","question":"Done.","multi_select":false,"allow_text":false,"level":"warning","status":"pending","created_at":"2026-11-20T10:06:00.000Z"}',
  question_shown:
    '{"v":1,"event_id":"09","slot":"shown:11111111-1111-4111-8111-111111111111:telegram:7","type":"question_shown","timestamp":"2026-11-20T10:06:01.000Z","writer":"hub:9","question_id":"11111111-1111-4111-8111-111111111111","channel":"telegram","chat":"7","ref":"7:1234"}',
  question_settled:
    '{"v":1,"event_id":"10","slot":"settled:11111111-1111-4111-8111-111111111111:telegram:7:ended","type":"question_settled","timestamp":"2026-11-20T10:07:01.000Z","writer":"hub:9","question_id":"11111111-1111-4111-8111-111111111111","channel":"telegram","chat":"7","stage":"ended"}',
  answer:
    '{"v":1,"event_id":"11","slot":"outcome:11111111-1111-4111-8111-111111111111","type":"answer","timestamp":"2026-11-20T10:07:00.000Z","writer":"hub:9","question_id":"11111111-1111-4111-8111-111111111111","answer":"Yes","selected":["Yes"],"answered_by":{"channel":"telegram","id":"7","name":"Ada"},"answered_at":"2026-11-20T10:07:00.000Z"}',
  late_answer:
    '{"v":1,"event_id":"12","slot":"late:22222222-2222-4222-8222-222222222222","type":"answer","timestamp":"2026-11-20T10:37:00.000Z","writer":"hub:9","question_id":"22222222-2222-4222-8222-222222222222","answer":"Allow","answered_by":{"channel":"telegram","id":"7","name":"Ada"},"answered_at":"2026-11-20T10:37:00.000Z","late":true}',
  answer_with_files:
    '{"v":1,"event_id":"19","slot":"late:33333333-3333-4333-8333-333333333333","type":"answer","timestamp":"2026-11-20T10:37:00.000Z","writer":"hub:9","question_id":"33333333-3333-4333-8333-333333333333","answer":"as drawn","files":[{"path":"/home/ada/engine/.planning/telegram-sessions/0b6f3f6e-3a55-4c39-9d5c-2f4d3f1a7c11/files/Skizze_1-3f2a91c0.jpg","name":"Skizze 1.jpg","mime":"image/jpeg","bytes":48213},{"path":"/tmp/voice-00000000.oga","name":"voice.oga","bytes":0}],"answered_by":{"channel":"telegram","id":"7","name":"Ada"},"answered_at":"2026-11-20T10:37:00.000Z","late":true}',
  answer_delivered:
    '{"v":1,"event_id":"13","slot":"delivered:11111111-1111-4111-8111-111111111111","type":"answer_delivered","timestamp":"2026-11-20T10:07:00.010Z","writer":"mcp:4242","question_id":"11111111-1111-4111-8111-111111111111"}',
  late_answer_delivered:
    '{"v":1,"event_id":"14","slot":"delivered_late:22222222-2222-4222-8222-222222222222","type":"answer_delivered","timestamp":"2026-11-20T10:38:00.000Z","writer":"mcp:4242","question_id":"22222222-2222-4222-8222-222222222222","late":true}',
  question_closed:
    '{"v":1,"event_id":"15","slot":"outcome:22222222-2222-4222-8222-222222222222","type":"question_closed","timestamp":"2026-11-20T10:36:00.000Z","writer":"mcp:4242","question_id":"22222222-2222-4222-8222-222222222222","reason":"expired"}',
  question_closed_elsewhere:
    '{"v":1,"event_id":"16","slot":"outcome:33333333-3333-4333-8333-333333333333","type":"question_closed","timestamp":"2026-11-20T10:36:00.000Z","writer":"mcp:4242","question_id":"33333333-3333-4333-8333-333333333333","reason":"answered_elsewhere","answer":"in the terminal"}',
  system:
    '{"v":1,"event_id":"17","type":"system","timestamp":"2026-11-20T11:00:00.000Z","writer":"mcp:4242","event":"session_end","reason":"SIGINT","detail":"the client ended"}',
  error:
    '{"v":1,"event_id":"18","type":"error","timestamp":"2026-11-20T10:06:02.000Z","writer":"hub:9","code":"CHANNEL","message":"Telegram unreachable","question_id":"11111111-1111-4111-8111-111111111111","detail":"ECONNRESET"}',
  permission_of_claude_code:
    '{"v":1,"event_id":"20","type":"question","timestamp":"2026-11-20T10:08:00.000Z","writer":"mcp:4242","id":"44444444-4444-4444-8444-444444444444","kind":"permission","question":"May I run a command?","context":"rm -rf build","options":[{"label":"Allow once"},{"label":"Allow for this session","description":"Bash(rm -rf build)"},{"label":"Deny"}],"multi_select":false,"allow_text":true,"status":"pending","created_at":"2026-11-20T10:08:00.000Z","expires_at":"2026-11-21T10:07:30.000Z","hold_until":"2026-11-20T10:08:30.000Z","permission":{"tool":"Bash","input_hash":"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","cwd":"/srv/shop","grant":"Bash(rm -rf build)","dangers":["Deletes directories with all that is in them."]}}',
  answer_confirmed:
    '{"v":1,"event_id":"21","slot":"outcome:44444444-4444-4444-8444-444444444444","type":"answer","timestamp":"2026-11-20T10:09:00.000Z","writer":"hub:9","question_id":"44444444-4444-4444-8444-444444444444","answer":"Allow once","selected":["Allow once"],"answered_by":{"channel":"telegram","id":"7","name":"Ada"},"answered_at":"2026-11-20T10:09:00.000Z","confirmed":"pin"}',
  question_closed_in_terminal:
    '{"v":1,"event_id":"22","slot":"outcome:55555555-5555-4555-8555-555555555555","type":"question_closed","timestamp":"2026-11-20T10:09:00.000Z","writer":"mcp:4242","question_id":"55555555-5555-4555-8555-555555555555","reason":"answered_elsewhere","answer":"Allowed","where":"terminal"}',
  message:
    '{"v":1,"event_id":"23","type":"message","timestamp":"2026-11-20T10:10:00.000Z","writer":"hub:9","message_id":"66666666-6666-4666-8666-666666666666","text":"Use tabs","sent_by":{"channel":"telegram","id":"7","name":"Ada"},"sent_at":"2026-11-20T10:10:00.000Z"}',
  message_waits:
    '{"v":1,"event_id":"24","type":"error","timestamp":"2026-11-20T10:10:01.000Z","writer":"mcp:4242","code":"MESSAGE_WAITS","message":"Claude has not read this yet.","detail":"66666666-6666-4666-8666-666666666666"}',
  message_delivered:
    '{"v":1,"event_id":"25","slot":"message_delivered:66666666-6666-4666-8666-666666666666","type":"message_delivered","timestamp":"2026-11-20T10:11:00.000Z","writer":"mcp:4242","message_id":"66666666-6666-4666-8666-666666666666","by":"hook"}',
} as const;

describe('a line of version 1', () => {
  it.each(Object.entries(VERSION_1))('is read for ever: %s', (_name, line) => {
    const record = parseRecord(line);
    expect(record && isForeign(record)).toBe(false);
    expect(record).toEqual(JSON.parse(line));
  });

  it('means for ever what it meant', () => {
    const state = Object.values(VERSION_1)
      .map((line) => parseRecord(line)!)
      .reduce(fold, emptySessionState());
    expect(state).toMatchObject({
      label: 'phase 3',
      gitBranch: 'feature/x',
      claudeSessionId: 'c2',
      ended: { at: '2026-11-20T11:00:00.000Z', reason: 'SIGINT' },
      records: 25,
    });
    const told = [...state.questions.values()].map(({ status, answer, closed, lateAnswer }) => [
      status,
      answer?.answer ?? closed?.reason,
      lateAnswer?.answer,
    ]);
    expect(told).toEqual([
      ['answered', 'Yes', undefined],
      ['closed', 'expired', 'Allow'],
      ['closed', 'answered_elsewhere', 'as drawn'],
      ['answered', 'Allow once', undefined],
    ]);
    const [message] = state.messages.values();
    expect(message).toMatchObject({
      record: { text: 'Use tabs' },
      waits: 'Claude has not read this yet.',
      delivered: { at: '2026-11-20T10:11:00.000Z', by: 'hook' },
    });
  });
});

describe('the store writes', () => {
  const SESSION = '0b6f3f6e-3a55-4c39-9d5c-2f4d3f1a7c11' as SessionId;
  const QUESTION = '11111111-1111-4111-8111-111111111111' as QuestionId;
  const CARD = { question_id: QUESTION, channel: 'telegram', chat: '7' };
  const given = {
    question_id: QUESTION,
    answer: 'Größe "M"\n👋🏽',
    selected: ['Yes'],
    answered_by: { channel: 'telegram', id: '7', name: 'Ada' },
    answered_at: '2026-11-20T10:07:00.000Z',
  };
  const cause = eventIdFrom('telegram', 123456, 'callback', 'abc');
  const drafts: Draft[] = [
    answerDraft(cause, given),
    answerDraft(cause, given, true),
    closedDraft('22222222-2222-4222-8222-222222222222' as QuestionId, 'withdrawn'),
    deliveredDraft({ question_id: QUESTION }),
    shownDraft(CARD, '7:1234'),
    settledDraft(CARD, 'ended'),
    errorDraft({ code: 'CHANNEL', message: 'Telegram unreachable' }, QUESTION, 'telegram'),
  ];

  it('exactly these bytes, so that ids, slots and field names mean the same in every version', async () => {
    const place = new StorePlace();
    const store = place.store({ writer: { role: 'hub', pid: 9 }, now: () => Date.parse('2026-11-20T10:00:00.000Z') });
    await store.open(SESSION, metadataDraft(SESSION));
    for (const draft of drafts) await store.append(SESSION, draft);
    expect(readFileSync(place.log(SESSION), 'utf8')).toBe(WRITTEN);
  });
});

const WRITTEN = String.raw`{"v":1,"event_id":"30cd672b-4f76-57ef-8e88-59ecb592f2bd","type":"session_metadata","timestamp":"2026-11-20T10:00:00.000Z","writer":"hub:9","session_id":"0b6f3f6e-3a55-4c39-9d5c-2f4d3f1a7c11","pid":4242,"process_started_at":"123456","host":"desk","boot_id":"5b0e9f1c-0000-4000-8000-000000000000","pid_namespace":"pid:[4026531836]","cwd":"/home/ada/engine","project_dir":"/home/ada/engine","start_time":"2026-11-20T10:00:00.000Z","git_branch":"main","client":{"name":"claude-code","version":"2.1.329"},"version":"0.1.0"}
{"v":1,"event_id":"7a8a3dab-ee2f-5ebd-9701-469f17e95d5b","slot":"outcome:11111111-1111-4111-8111-111111111111","type":"answer","timestamp":"2026-11-20T10:00:00.000Z","writer":"hub:9","question_id":"11111111-1111-4111-8111-111111111111","answer":"Größe \"M\"\n👋🏽","selected":["Yes"],"answered_by":{"channel":"telegram","id":"7","name":"Ada"},"answered_at":"2026-11-20T10:07:00.000Z"}
{"v":1,"event_id":"19b7e61b-187b-56ba-85b9-6183c3fbb925","slot":"late:11111111-1111-4111-8111-111111111111","type":"answer","timestamp":"2026-11-20T10:00:00.000Z","writer":"hub:9","question_id":"11111111-1111-4111-8111-111111111111","answer":"Größe \"M\"\n👋🏽","selected":["Yes"],"answered_by":{"channel":"telegram","id":"7","name":"Ada"},"answered_at":"2026-11-20T10:07:00.000Z","late":true}
{"v":1,"event_id":"00ca4659-2bac-51be-864f-2cf80d3117d7","slot":"outcome:22222222-2222-4222-8222-222222222222","type":"question_closed","timestamp":"2026-11-20T10:00:00.000Z","writer":"hub:9","question_id":"22222222-2222-4222-8222-222222222222","reason":"withdrawn"}
{"v":1,"event_id":"e0bbaac0-65b2-519d-8d17-48def968ec97","slot":"delivered:11111111-1111-4111-8111-111111111111","type":"answer_delivered","timestamp":"2026-11-20T10:00:00.000Z","writer":"hub:9","question_id":"11111111-1111-4111-8111-111111111111"}
{"v":1,"event_id":"37a1d112-981d-58a8-be05-a1ada5e734e1","slot":"shown:11111111-1111-4111-8111-111111111111:telegram:7","type":"question_shown","timestamp":"2026-11-20T10:00:00.000Z","writer":"hub:9","question_id":"11111111-1111-4111-8111-111111111111","channel":"telegram","chat":"7","ref":"7:1234"}
{"v":1,"event_id":"12fd027f-dba0-5f80-831f-ba3e46f31add","slot":"settled:11111111-1111-4111-8111-111111111111:telegram:7:ended","type":"question_settled","timestamp":"2026-11-20T10:00:00.000Z","writer":"hub:9","question_id":"11111111-1111-4111-8111-111111111111","channel":"telegram","chat":"7","stage":"ended"}
{"v":1,"event_id":"d89169b5-3028-531b-ab26-30dd92276601","type":"error","timestamp":"2026-11-20T10:00:00.000Z","writer":"hub:9","code":"CHANNEL","message":"Telegram unreachable"}
`;
