// The built command on a machine whose clock jumps, whose change events stop coming and whose other writers tear lines when
// a test says so. The hub that it starts is this program again. `SWITCHBOARD_FAULT_PROGRAM` names the built command,
// `SWITCHBOARD_FAULT_CONTROL` a JSON file: `clock` (milliseconds that are added to the wall clock; the monotonic one stays),
// `watches`: `used up` (none can be had any more), `lying` (none ever tells anything again), `tears` (half a line that
// another writer leaves in a session file between this one's look at it and every second write), `syncs` (`none`: nothing is
// ever synced to the disk) and `out`: what has the
// `text` is kept from stdout while `out` is there, or, with `then`, goes out and the process stands still at once;
// `<control>.held` says that it does.
import fs, { appendFileSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const RealDate = Date;
const realWatch = fs.watch;
const realWrite = fs.writeSync;
const HOLD_LOOK_MS = 5;

/** Read each time: what the test has written holds from that moment on. */
function control() {
  try {
    return JSON.parse(readFileSync(process.env.SWITCHBOARD_FAULT_CONTROL, 'utf8'));
  } catch {
    return {}; // Not written yet.
  }
}

const now = () => RealDate.now() + (control().clock ?? 0);

globalThis.Date = class ShiftedDate extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(now());
    else super(...given);
  }

  static now() {
    return now();
  }
};

fs.watch = (path, options) => {
  if (control().watches === 'used up')
    throw Object.assign(new Error('EMFILE: too many open files, watch'), { code: 'EMFILE' });
  const watcher = realWatch(path, options);
  const on = watcher.on.bind(watcher);
  watcher.on = (event, listener) =>
    on(event, event === 'change' ? (...said) => control().watches !== 'lying' && listener(...said) : listener);
  return watcher;
};

let writes = 0;
fs.writeSync = (fd, ...given) => {
  const { tears } = control();
  if (tears) {
    const path = readlinkSync(`/proc/self/fd/${fd}`);
    if (path.endsWith('.jsonl') && writes++ % 2 === 0) appendFileSync(path, tears);
  }
  return realWrite(fd, ...given);
};
for (const sync of ['fsyncSync', 'fdatasyncSync']) {
  const real = fs[sync];
  fs[sync] = (fd) => control().syncs !== 'none' && real(fd);
}
syncBuiltinESMExports();

const { stdout } = process;
const writeOut = stdout.write.bind(stdout);
let kept = null;

function keepWhileTold() {
  kept = [];
  const looks = setInterval(() => {
    if (control().out) return;
    clearInterval(looks);
    for (const given of kept) writeOut(...given);
    kept = null;
  }, HOLD_LOOK_MS);
}

function standStillWhileTold() {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  while (control().out) Atomics.wait(cell, 0, 0, HOLD_LOOK_MS);
}

stdout.write = (...given) => {
  const { out } = control();
  const meant = out && !kept && String(given[0]).includes(out.text);
  if (meant && !out.then) keepWhileTold();
  // To a pipe this is synchronous: what has been written is the client's.
  const taken = kept ? kept.push(given) > 0 : writeOut(...given);
  if (meant) writeFileSync(`${process.env.SWITCHBOARD_FAULT_CONTROL}.held`, '');
  if (meant && out.then) standStillWhileTold();
  return taken;
};

await import(process.env.SWITCHBOARD_FAULT_PROGRAM);
