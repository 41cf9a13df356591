import { type Config, loadConfig } from '../runtime/config.ts';
import { reportFailure } from './failure.ts';
import { serveMcp } from './mcp-command.ts';

/** Serves one Claude Code instance and ends the process: whatever is still open then belongs to nobody. */
export async function startMcp(flags: { home?: string } = {}): Promise<never> {
  let config: Config;
  try {
    config = loadConfig(process.env, flags);
  } catch (error) {
    process.exit(reportFailure(error));
  }
  process.exit(await serveMcp(config));
}
