/** What a colour says: fine, look at it, act now, good to know. */
export type Tone = 'good' | 'warn' | 'bad' | 'note'
