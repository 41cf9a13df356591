import { basename } from 'node:path';
import { type SessionId, shortId } from '../domain/ids.ts';
import type { SessionState } from '../domain/session-state.ts';
import { preview } from '../domain/text.ts';
import type { SessionName } from './channel.ts';

// A session file may say anything, and what it says stands in every list: a name is one line, and not endless.
const PROJECT_CHARS_MAX = 255;
const TITLE_CHARS_MAX = 300;
const BRANCH_CHARS_MAX = 300;
const DIRECTORY_CHARS_MAX = 1_000;

/** Names live sessions as a person tells them apart: by label, else project and branch, else also the id's beginning. */
export function nameSessions(sessions: Iterable<readonly [SessionId, SessionState]>): Map<SessionId, SessionName> {
  const names = new Map<SessionId, SessionName>();
  const sameTitle = new Map<string, SessionId[]>();
  for (const [id, state] of sessions) {
    const { metadata, label, gitBranch: branch } = state;
    const project_dir = metadata?.project_dir ?? '';
    const title = sessionTitle(label, project_dir, branch);
    const name = { id, title, project: projectName(project_dir), ...sessionPlace(project_dir, branch) };
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
  const given = preview(label ?? '', TITLE_CHARS_MAX);
  if (given) return given;
  const project = projectName(projectDir);
  return branch ? preview(`${project} · ${branch}`, TITLE_CHARS_MAX) : project;
}

/** Where a session works, as it is shown beside its title. */
export function sessionPlace(
  projectDir: string,
  branch: string | undefined,
): { readonly project_dir: string; readonly branch?: string | undefined } {
  return {
    project_dir: preview(projectDir, DIRECTORY_CHARS_MAX),
    ...(branch === undefined ? {} : { branch: preview(branch, BRANCH_CHARS_MAX) }),
  };
}

/** How a project is called: by its directory. */
export function projectName(projectDir: string): string {
  return preview(basename(projectDir) || projectDir, PROJECT_CHARS_MAX) || 'unknown project';
}

/** The fewest characters that are taken for the beginning of an id: fewer could be typed by accident and mean many. */
export const ID_CHARS_MIN = 4;

/** What the beginning of a text says: the sessions that it may name (none, one, several), and the text after the name. */
export interface NamedSessions {
  readonly sessions: readonly SessionName[];
  readonly rest: string;
}

/**
 * Finds the sessions that a text begins with: by title, project or the beginning of the id, whichever names most of the
 * text; else by a word that stands in the title or the project.
 */
export function sessionsNamedIn(names: readonly SessionName[], text: string): NamedSessions {
  const given = text.trim();
  const [word = ''] = given.split(/\s/, 1);
  let longest = 0;
  let sessions: SessionName[] = [];
  for (const name of names) {
    const length = Math.max(...[name.title, name.project].map((key) => namedLength(given, key)), idLength(word, name));
    if (length === 0 || length < longest) continue;
    if (length > longest) sessions = [];
    longest = length;
    sessions.push(name);
  }
  if (longest > 0) return { sessions, rest: given.slice(longest).trim() };
  const part = word.toLowerCase();
  const partly = names.filter(
    ({ title, project }) => part !== '' && `${title}\n${project}`.toLowerCase().includes(part),
  );
  return { sessions: partly, rest: given.slice(word.length).trim() };
}

function namedLength(text: string, name: string): number {
  const matches = text.slice(0, name.length).toLowerCase() === name.toLowerCase();
  return matches && /^(\s|$)/.test(text.slice(name.length)) ? name.length : 0;
}

function idLength(word: string, { id }: SessionName): number {
  return word.length >= ID_CHARS_MIN && id.startsWith(word.toLowerCase()) ? word.length : 0;
}
