declare const SWITCHBOARD_VERSION: string | undefined;

/** The version of this program; put in by the build. */
export const VERSION: string = typeof SWITCHBOARD_VERSION === 'string' ? SWITCHBOARD_VERSION : '0.0.0';
