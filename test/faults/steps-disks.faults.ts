import { join } from 'node:path';
import { describe } from 'vitest';
import { diskFaults } from '../support/faults/file-kinds.ts';
import { everyStep } from '../support/faults/matrix.ts';
import { unless } from '../support/faults/system.ts';
import { type McpPlace, mcpPlace } from '../support/mcp-client.ts';
import { mountSmallDisk, type SmallDisk } from '../support/small-disk.ts';

let disk: SmallDisk;
let ballast = '';

/** A project on a file system of its own. The home lies elsewhere: a hub needs it to start. */
function smallPlace(): McpPlace {
  const place = mcpPlace();
  const project = join(place.project, 'disk');
  const mounted = mountSmallDisk(project, 'size=1m,mode=700');
  if (!mounted) throw new Error('This user may not mount a tmpfs: run the fault suite as root, e.g. in a container.');
  disk = mounted;
  ballast = join(project, 'ballast');
  return { ...place, project, sessionsDirectory: join(project, '.planning/telegram-sessions') };
}

const KINDS = diskFaults(
  () => disk,
  () => ballast,
);
describe.skipIf(unless('mount'))('a disk', () => everyStep(KINDS, smallPlace));
