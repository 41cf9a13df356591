import { basename } from 'node:path';
import { type SessionId, shortId } from '../domain/ids.ts';
import type { SessionState } from '../domain/session-state.ts';
import type { SessionName } from './channel.ts';

/** Names live sessions as a person tells them apart: by label, else project and branch, else also the id's beginning. */
export function nameSessions(sessions: Iterable<readonly [SessionId, SessionState]>): Map<SessionId, SessionName> {
  const names = new Map<SessionId, SessionName>();
  const sameTitle = new Map<string, SessionId[]>();
  for (const [id, state] of sessions) {
    const { metadata, label, gitBranch: branch } = state;
    const project_dir = metadata?.project_dir ?? '';
    const title = sessionTitle(label, project_dir, branch);
    const name = { id, title, project: projectName(project_dir), project_dir, branch };
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

/** How a session is called where no other looks the same. */
export function sessionTitle(label: string | undefined, projectDir: string, branch: string | undefined): string {
  if (label) return label;
  return branch ? `${projectName(projectDir)} · ${branch}` : projectName(projectDir);
}

/** How a project is called: by its directory. */
export function projectName(projectDir: string): string {
  return basename(projectDir) || projectDir || 'unknown project';
}
