/** How far a run has looked back for each of its waits: the key, and the number of the last past event. */
export type PastSeen = Map<string, number>
