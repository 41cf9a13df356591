import { expect, it } from 'vitest';
import { hubEnvironment } from './start-hub.ts';

it('passes on what a hub needs and none of the secrets of the session that starts it', () => {
  const needed = {
    PATH: '/bin',
    HOME: '/home/ann',
    LANG: 'en',
    LC_ALL: 'C',
    TELEGRAM_BOT_TOKEN: '1:x',
    WEB_PORT: '0',
    // Without it, what is dangerous would be allowed without a PIN.
    PERMISSION_PIN: '0042',
    SWITCHBOARD_TIMINGS: '{}',
    HTTPS_PROXY: 'http://proxy',
    https_proxy: 'http://proxy',
    NODE_EXTRA_CA_CERTS: '/ca.pem',
    SystemRoot: 'C:\\Windows',
  };
  const secret = {
    ANTHROPIC_API_KEY: 'x',
    CLAUDE_CODE_MESSAGING_TOKEN: 'x',
    CLAUDECODE: '1',
    GITHUB_TOKEN: 'x',
    NODE_OPTIONS: '--inspect',
    MY_PATH: 'x',
  };
  expect(hubEnvironment({ ...needed, ...secret, SWITCHBOARD_HOME: '/old' }, '/new')).toEqual({
    ...needed,
    SWITCHBOARD_HOME: '/new',
  });
});
