; The assumptions of Division.sol, proved for integers. Each answer has to be unsat: there is no counterexample.
; The EVM's mul and div are these functions while nothing reaches 2^256: a royalty is below 2^48, a sum of weights below 2^35.
(declare-const royalty Int)
(declare-const less Int)
(declare-const more Int)
(assert (and (<= 0 royalty) (<= 0 less) (<= less more)))

(push)
(echo "division by the factor of a multiplication gives the same number")
(assert (not (= (div (* royalty 1000000) 1000000) royalty)))
(check-sat)
(pop)

(push)
(echo "a larger sum of weights never gives a smaller part")
(assert (not (<= (div (* royalty less) 1000000) (div (* royalty more) 1000000))))
(check-sat)
(pop)
