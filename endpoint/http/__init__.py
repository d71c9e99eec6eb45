"""SPARQL 1.1 Protocol over Flask: requests, negotiation, answers, errors."""
