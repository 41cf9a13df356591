// The built command on a machine whose clock jumps and whose change events stop coming when a test says so. The hub that
// it starts is this program again. `SWITCHBOARD_FAULT_PROGRAM` names the built command, `SWITCHBOARD_FAULT_CONTROL` a
// JSON file: `clock` (milliseconds that are added to the wall clock; the monotonic one stays) and `watches`: `used up`
// (none can be had any more), `lying` (none ever tells anything again).
import fs, { readFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const RealDate = Date;
const realWatch = fs.watch;

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
syncBuiltinESMExports();

await import(process.env.SWITCHBOARD_FAULT_PROGRAM);
