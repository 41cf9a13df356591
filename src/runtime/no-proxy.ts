/**
 * Does a `NO_PROXY` list exempt this URL from the proxy? Entries are separated by commas or spaces: a host and all below
 * it (`example.org`, `.example.org`), an address, either with a port, or `*` for everything.
 */
export function isExempt(url: string, noProxy: string): boolean {
  const { hostname, port, protocol } = new URL(url);
  const host = bare(hostname);
  const ownPort = port || (protocol === 'https:' ? '443' : '80');
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      const [, name = '', wantedPort] = /^(\[[^\]]+\]|[^:]+|[0-9a-f:]+)(?::(\d+))?$/.exec(entry) ?? [];
      if (name === '' || (wantedPort !== undefined && wantedPort !== ownPort)) return false;
      const domain = bare(name).replace(/^\*?\./, '');
      return host === domain || host.endsWith(`.${domain}`);
    });
}

function bare(host: string): string {
  return host.replace(/^\[|\]$/g, '');
}
