import { basename } from 'node:path';
import { type SessionId, shortId } from '../domain/ids.ts';
import type { SessionState } from '../domain/session-state.ts';
import type { SessionName } from './channel.ts';

/** Names live sessions as a person tells them apart: by label, else project and branch, else also the id's beginning. */
export function nameSessions(sessions: Iterable<readonly [SessionId, SessionState]>): Map<SessionId, SessionName> {
  const names = new Map<SessionId, SessionName>();
  const sameTitle = new Map<string, SessionId[]>();
  for (const [id, state] of sessions) {
    const name = { id, title: titleOf(state), project: projectOf(state) };
    names.set(id, name);
    const ids = sameTitle.get(name.title);
    if (ids) ids.push(id);
    else sameTitle.set(name.title, [id]);
  }
  for (const [title, ids] of sameTitle) {
    if (ids.length < 2) continue;
    for (const id of ids) {
      const name = names.get(id);
      if (name) names.set(id, { ...name, title: `${title} · ${shortId(id)}` });
    }
  }
  return names;
}

function titleOf(state: SessionState): string {
  if (state.label) return state.label;
  return state.gitBranch ? `${projectOf(state)} · ${state.gitBranch}` : projectOf(state);
}

function projectOf(state: SessionState): string {
  const directory = state.metadata?.project_dir ?? '';
  return basename(directory) || directory || 'unknown project';
}
