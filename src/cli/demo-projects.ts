import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AskInput } from '../mcp/tool-schemas.ts';

/** A project that the demo pretends to have, and what its session asks. */
export interface DemoProject {
  readonly name: string;
  readonly branch: string;
  readonly label?: string;
  readonly question: AskInput;
}

/** One question of each kind: a choice, several choices, free text. */
export const DEMO_PROJECTS: readonly DemoProject[] = [
  {
    name: 'shop',
    branch: 'checkout',
    question: {
      question: 'The sandbox of the payment provider is down. How shall I go on?',
      context: 'Every test that pays fails with `503 Service Unavailable`, since about ten minutes.',
      options: [
        { label: 'Mock it', description: 'The tests use recorded answers until it is back.' },
        { label: 'Wait', description: 'I look again every ten minutes and do nothing else.' },
        { label: 'Do the basket first', description: 'Payments come last; nothing else needs them.' },
      ],
    },
  },
  {
    name: 'api',
    branch: 'rate-limits',
    question: {
      question: 'Which endpoints shall get a rate limit?',
      options: ['login', 'search', 'export', 'webhooks'],
      multi_select: true,
    },
  },
  {
    name: 'docs',
    branch: 'release-notes',
    label: 'docs: release notes',
    question: { question: 'What shall the headline of the release notes say?' },
  },
];

/** Makes the directory of a project, with its branch checked out as far as anybody looks. Returns its path. */
export function makeDemoProject(parent: string, { name, branch }: DemoProject): string {
  const project = join(parent, name);
  mkdirSync(join(project, '.git'), { recursive: true, mode: 0o700 });
  writeFileSync(join(project, '.git', 'HEAD'), `ref: refs/heads/${branch}\n`);
  return project;
}
