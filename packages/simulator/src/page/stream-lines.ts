// Their count is a prime, so that every channel hears all of them, however many channels there are.
const LINES = [
  'the tide turns at six, I think',
  'two otters asleep by the third buoy',
  'the water is clear down to the holdfasts today',
  'who left a thermos on the pier?',
  'I counted nine sea stars under the jetty',
  'the new hydrophone picks up every snapping shrimp',
  'fog over the bay, the boat goes out at ten',
  'somebody has tied the dinghy with a bow knot again',
  'a harbour seal followed us all the way home',
  'the kelp has grown half a metre since Sunday',
  'coffee is ready in the shed',
  'bull kelp on the beach, the storm was a strong one',
  'the tide table in the shed is last year’s',
  'a whole school of rockfish near the wreck',
  'can anyone lend me a pair of fins, size 42?',
  'the urchins are back at the north edge',
  'I saw the big sunflower star again',
  'visibility was twelve metres this morning',
  'the slate pencils are in the blue crate now',
  'wind from the west, better dive before noon',
  'a cormorant sits on my towel',
  'the light through the canopy was worth the cold',
  'please log your dives, the sheet is on the door',
] as const

/** The `n`th line of the stream, from 1: friendly, and unlike every other by its number. */
export function streamLine(n: number): string {
  return `${LINES[(n - 1) % LINES.length]} (${n})`
}
