import { isDeepStrictEqual } from 'node:util';
import { claudeHooks } from '../../mcp/hooks/hook-settings.ts';
import { SERVER_NAME } from '../claude-code.ts';
import { FileChangeError, type KeyChange, readKey } from './file-change.ts';

const HOOKS = 'hooks';

/** Are our hooks in Claude Code's settings? `other`: only some, or those of another version. */
export type HooksFound = 'none' | 'current' | 'other';

/**
 * The keys of a settings file that change when our hooks of this version get into it, beside everybody else's; none when
 * they are there. Earlier ones of ours go.
 *
 * @throws FileChangeError when the file, or its hooks, are not what Claude Code reads.
 */
export function hookChanges(settings: string): KeyChange[] {
  const wanted: Record<string, readonly unknown[]> = claudeHooks(SERVER_NAME);
  const events = new Set([...Object.keys(objectAt(settings)), ...Object.keys(wanted)]);
  return [...events].flatMap((event) => {
    const key = [HOOKS, event];
    const groups = groupsAt(settings, key);
    const ours = wanted[event] ?? [];
    if (isDeepStrictEqual(groups.flatMap(ownPart), ours)) return [];
    const value = [...withoutOwnHooks(groups), ...ours];
    return [{ key, value: value.length === 0 ? undefined : value }];
  });
}

/**
 * What a settings file has of our hooks.
 *
 * @throws FileChangeError when the file, or its hooks, are not what Claude Code reads.
 */
export function hooksIn(settings: string): HooksFound {
  const own = Object.keys(objectAt(settings)).flatMap((event) => groupsAt(settings, [HOOKS, event]).flatMap(ownPart));
  if (own.length === 0) return 'none';
  return hookChanges(settings).length === 0 ? 'current' : 'other';
}

/** Is this the key of a list of hooks? Such lists have several owners, so each one's part comes and goes by itself. */
export function isHookKey(key: readonly string[]): boolean {
  return key.length === 2 && key[0] === HOOKS;
}

/** A list of hooks without ours: everybody else's as they are. */
export function withoutOwnHooks(groups: readonly unknown[]): unknown[] {
  return groups.flatMap((group) => {
    const hooks = hooksOf(group);
    const others = hooks.filter((hook) => !isOwn(hook));
    if (others.length === hooks.length) return [group];
    return others.length === 0 ? [] : [{ ...(group as object), hooks: others }];
  });
}

/** Of a group only what is ours; nothing when nothing is. */
function ownPart(group: unknown): unknown[] {
  const own = hooksOf(group).filter(isOwn);
  return own.length === 0 ? [] : [{ ...(group as object), hooks: own }];
}

function hooksOf(group: unknown): readonly unknown[] {
  const { hooks } = Object(group) as { hooks?: unknown };
  return Array.isArray(hooks) ? hooks : [];
}

function isOwn(hook: unknown): boolean {
  const { type, server } = Object(hook) as { type?: unknown; server?: unknown };
  return type === 'mcp_tool' && server === SERVER_NAME;
}

function objectAt(settings: string): object {
  const value = readKey(settings, [HOOKS]) ?? {};
  if (typeof value === 'object' && !Array.isArray(value)) return value;
  throw new FileChangeError(`"${HOOKS}" in ${settings} is no object; it was left as it is. Mend it, and start again.`);
}

function groupsAt(settings: string, key: readonly string[]): readonly unknown[] {
  const value = readKey(settings, key) ?? [];
  if (Array.isArray(value)) return value;
  throw new FileChangeError(
    `${key.join('.')} in ${settings} is no list; it was left as it is. Mend it, and start again.`,
  );
}
