/** What a machine answers to one input: its next state and what the world must do, in order. */
export interface Step<State, Effect> {
  readonly state: State
  readonly effects: readonly Effect[]
}

/**
 * A connection machine. Pure: the same state, input and random number always give the same answer; it reads no
 * clock, opens no socket, throws nothing. `random` is one number in [0, 1), drawn afresh for each input.
 */
export type Machine<State, Input, Effect> = (
  state: State,
  input: Input,
  random: number,
) => Step<State, Effect>
