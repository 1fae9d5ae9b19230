/** What a person must do, ended by how the gateway learns that it is done. */

/** What is to be changed lies in the gateway's configuration. */
export function inConfiguration(advice: string): string {
  return `${advice}: a changed configuration file is taken over while the gateway runs (a changed environment variable needs a restart)`
}

/** What is to be changed lies with the platform, which tells nobody of it. */
export function atPlatform(advice: string): string {
  return `${advice}, then send the gateway SIGHUP`
}
