// Queries to begin with; each runs on the vocabulary of geoloom.
const PROLOGUE = `PREFIX gl: <https://w3id.org/geoloom/ns#>
PREFIX geo: <http://www.opengis.net/ont/geosparql#>
PREFIX geof: <http://www.opengis.net/def/function/geosparql/>
PREFIX uom: <http://www.opengis.net/def/uom/OGC/1.0/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>

`;

export const examples = [
  ["Classes of the map and how often they occur", `SELECT ?class (COUNT(?field) AS ?fields) WHERE {
  ?field gl:observedClass ?class .
} GROUP BY ?class ORDER BY DESC(?fields)`],
  ["Fields on the map, with their class", `SELECT ?field ?class ?wkt WHERE {
  ?field a gl:Observation ; gl:observedClass ?class ; geo:hasGeometry/geo:asWKT ?wkt .
} LIMIT 500`],
  ["Ground samples and the fields within 10 metres", `SELECT ?sample ?sampleClass ?field ?fieldClass ?wkt WHERE {
  ?sample a gl:Sample ; gl:observedClass ?sampleClass ; geo:hasGeometry/geo:asWKT ?point .
  ?field a gl:Observation ; gl:observedClass ?fieldClass ; geo:hasGeometry/geo:asWKT ?wkt .
  FILTER(geof:distance(?point, ?wkt, uom:metre) <= 10)
} LIMIT 500`],
  ["Products with their clouds and footprints", `SELECT ?image ?acquired ?cloud ?wkt WHERE {
  ?product a gl:Product ; gl:imageID ?image ; gl:acquired ?acquired ; gl:cloudCover ?cloud ;
    geo:hasGeometry/geo:asWKT ?wkt .
} ORDER BY ?acquired LIMIT 100`],
  ["Districts and the products that reach them", `SELECT ?district (COUNT(?product) AS ?products) WHERE {
  ?unit a gl:AdministrativeUnit ; rdfs:label ?district ; geo:hasGeometry/geo:asWKT ?area .
  ?product a gl:Product ; geo:hasGeometry/geo:asWKT ?footprint .
  FILTER(geof:sfIntersects(?footprint, ?area))
} GROUP BY ?district ORDER BY ?district`],
  ["Samples that disagree with the map", `SELECT ?sample ?feature ?wkt WHERE {
  ?assessment gl:outcome gl:Disagrees ; gl:assessedSample ?sample ; gl:matchedFeature ?feature .
  ?sample geo:hasGeometry/geo:asWKT ?wkt .
}`],
  ["What is in the store: properties", `SELECT ?property (COUNT(*) AS ?triples) WHERE {
  ?s ?property ?o .
} GROUP BY ?property ORDER BY DESC(?triples)`],
].map(([name, text]) => {
  const used = PROLOGUE.split("\n").filter((line) => {
    const prefix = /^PREFIX (\w+):/.exec(line);
    return prefix && text.includes(`${prefix[1]}:`);
  });
  return { name, text: `${used.join("\n")}\n\n${text}\n`.trimStart() };
});
